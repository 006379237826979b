"""Whether a version can go: what flows and tasks still run of it."""

from collections.abc import Iterable, Sequence

from kernel.contracts.plugin_uses import PluginUse, UsePlace
from kernel.errors import FieldProblem
from marketplace.installs.errors import PluginInUse

_MAX_NAMED = 5
_STARTED_BY = {
    UsePlace.SCHEDULE: "a schedule of ",
    UsePlace.TRIGGER: "a trigger of ",
    UsePlace.MINI_APP: "a mini-app of ",
}


def require_unneeded(plugin: str, uses: Sequence[PluginUse]) -> None:
    """Raises:
    PluginInUse: with a problem for each use.
    """
    if not uses:
        return
    named = [f"{use_as_text(use)} runs {plugin} {use.version}" for use in uses]
    more = f"; and {len(named) - _MAX_NAMED} more" if len(named) > _MAX_NAMED else ""
    remedy = "Move it to another version or let it end, or remove the plugin by force"
    raise PluginInUse(
        "; ".join(named[:_MAX_NAMED]) + more,
        fields=[FieldProblem(f"flows[{use.flow_id}]", text, remedy) for use, text in zip(uses, named, strict=True)],
    )


def uses_as_text(uses: Iterable[PluginUse], version: str) -> list[str]:
    return [use_as_text(use) for use in uses if use.version == version]


def use_as_text(use: PluginUse) -> str:
    name = f"{use.flow_name!r}"
    if use.place is UsePlace.TASK:
        return f"{use.tasks} running {'task' if use.tasks == 1 else 'tasks'} of {name}"
    if use.place is UsePlace.DRAFT:
        return f"the draft of {name}"
    return f"{_STARTED_BY.get(use.place, '')}revision {use.revision} of {name}"
