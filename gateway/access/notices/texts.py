"""What people read about a step of an application, in English and Chinese. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.access.grants.models import Grant, GrantEvent

_LISTED: Final = 20
_SHORT: Final = 1000

_STEPS: Final = MappingProxyType(
    {
        "applied": ("{app} applies for {system}", "{app} 申请 {system} 的权限"),
        "answered": ("{app} answered about {system}", "{app} 回复了关于 {system} 的询问"),
        "withdrawn": ("{app} no longer applies for {system}", "{app} 撤回了对 {system} 的申请"),
        "asked": ("A question about {app}'s application for {system}", "关于 {app} 申请 {system} 的询问"),
        "approved": ("{app} may call {system}", "{app} 获准调用 {system}"),
        "refused": ("{app}'s application for {system} is refused", "{app} 对 {system} 的申请被拒绝"),
        "revoked": ("{app} may no longer call {system}", "{app} 对 {system} 的权限被收回"),
        "reminded": ("{app}'s permission on {system} ends soon", "{app} 对 {system} 的权限即将到期"),
        "expired": ("{app}'s permission on {system} has ended", "{app} 对 {system} 的权限已到期"),
    }
)
FOR_DECIDERS: Final = frozenset({"applied", "answered", "withdrawn"})
"""Steps that the owners of the system are told of; the applicant is told of the others."""


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    content: str


def words_of(event: GrantEvent, grants: Sequence[Grant], public_url: str) -> Words | None:
    """`None` for steps nobody waits for: a renewal that takes its place when it is approved."""
    titles = _STEPS.get(event.step)
    if titles is None:
        return None
    first = grants[0]
    english, chinese = (text.format(app=first.app_code, system=first.system) for text in titles)
    lines = [f"{english} · {chinese}", "", f"Components · 组件: {_components(grants)}"]
    if first.reason:
        lines.append(f"Reason · 理由: {first.reason[:_SHORT]}")
    if event.text and event.text != first.reason:
        lines.append(f"{event.actor}: {event.text[:_SHORT]}")
    ends = [grant.expires_at for grant in grants if grant.expires_at is not None]
    if ends and event.step in {"approved", "reminded", "expired"}:
        lines.append(f"Until · 有效期至: {min(ends).isoformat(timespec='minutes')}")
    lines += ["", f"{public_url}/applications"]
    return Words(english, "\n".join(lines))


def _components(grants: Sequence[Grant]) -> str:
    names = [grant.component or "*" for grant in grants]
    return ", ".join(names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
