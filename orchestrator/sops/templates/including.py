"""What is told of templates only where a client asks for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.principal import Principal
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource
from orchestrator.labels.repository import labels_of, labels_on
from orchestrator.notices.models import FlowNotices
from orchestrator.notices.repository import settings_of
from orchestrator.sops.numbers import Kind, numbers_of
from orchestrator.sops.templates.repository import executors_of
from orchestrator.sops.templates.schemas import AsksMore

_KINDS: Final = ("mail",)
"""People are told as each prefers; this is how those are who prefer nothing."""


class TemplateIncludes:
    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def told(
        self, session: AsyncSession, principal: Principal, flows: Sequence[FlowRow], asked: AsksMore
    ) -> dict[str, dict[str, Any]]:
        """Flow → the members that are asked for. Who is told of its tasks is known to those who see the flow where it
        is at home.

        Raises:
            Unnumbered: a label has no number yet.
        """
        found: dict[str, dict[str, Any]] = {flow.id: {} for flow in flows}
        if asked.include_executor_proxy:
            executors = await executors_of(session, found)
            for flow_id, told in found.items():
                told["executor_proxy"] = executors.get(flow_id, "")
        if asked.include_notify:
            seen = [flow.id for flow in flows if await self._sees(session, principal, flow)]
            settings = await settings_of(session, seen)
            for flow_id in found:
                found[flow_id] |= notices_told(settings.get(flow_id))
        return found

    async def labels(self, session: AsyncSession, project_id: str, flows: Sequence[FlowRow]) -> dict[str, list[Any]]:
        """Flow of the project → its labels.

        Raises:
            Unnumbered: one has no number yet.
        """
        on = await labels_on(session, [flow.id for flow in flows])
        known = {label.id: label for label in await labels_of(session, project_id)}
        numbers = await numbers_of(session, Kind.LABEL, {label for labels in on.values() for label in labels})
        return {
            flow.id: [
                {"label_id": numbers[each], "name": known[each].name, "color": known[each].colour}
                for each in on.get(flow.id, ())
                if each in known
            ]
            for flow in flows
        }

    async def _sees(self, session: AsyncSession, principal: Principal, flow: FlowRow) -> bool:
        resource = flow_resource(flow.id, flow.project_id)
        return await self._authorizer.allows(session, principal, Action.FLOW_VIEW, resource)


def notices_told(settings: FlowNotices | None) -> Mapping[str, Any]:
    """Who is told of a flow's tasks, as Standard OPS keeps it; whoever launched the task has no place there."""
    tells = settings is not None and bool(settings.launcher or settings.people or settings.groups)
    events = settings.events if settings is not None and tells else ()
    return {
        "notify_type": {
            "success": list(_KINDS) if "finished" in events else [],
            "fail": list(_KINDS) if "failed" in events else [],
        },
        "notify_receivers": {
            "receiver_group": list(settings.groups) if settings is not None else [],
            "more_receiver": ",".join(settings.people) if settings is not None else "",
        },
    }
