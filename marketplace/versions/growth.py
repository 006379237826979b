"""What a version asks for beyond the one before it. Pure."""

from typing import Final

from kernel.wording import Said, Wordings
from marketplace.package.manifest import Manifest, PluginKind

GROWTH: Final = Wordings("growth")
_ASKS = GROWTH.add("scope", "asks for {scope}")
_BRINGS_CODE = GROWTH.add("code", "brings code, which the one before did not")
_DONE_BY = GROWTH.add("system", "is done by {system} instead of {before}")
_DONE_ELSEWHERE = GROWTH.add("elsewhere", "is done by a service elsewhere, which the one before was not")
_FIRST = GROWTH.add("first", "is a first version")
_NEW = GROWTH.add("new", "is a new version")


def grown(before: Manifest | None, after: Manifest) -> list[Said]:
    """What a person has to agree to, one sentence each; nothing for a first version."""
    if before is None:
        return []
    found = [_ASKS.said(scope=scope) for scope in sorted(after.scope_names() - before.scope_names())]
    if after.kind is PluginKind.PYTHON and before.kind is not PluginKind.PYTHON:
        found.append(_BRINGS_CODE.said())
    if before.remote is not None and after.remote is not None and after.remote.system != before.remote.system:
        found.append(_DONE_BY.said(system=after.remote.system, before=before.remote.system))
    if after.kind is PluginKind.REMOTE and before.kind is not PluginKind.REMOTE:
        found.append(_DONE_ELSEWHERE.said())
    return found


def published(before: Manifest | None) -> Said:
    """That there is a version at all."""
    return _FIRST.said() if before is None else _NEW.said()
