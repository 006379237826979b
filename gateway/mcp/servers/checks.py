"""Whether what a server shall offer is there."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.mcp.servers.models import McpServer
from gateway.mcp.tools.tool import END, STATE, ToolChoice, ToolKind
from gateway.registry.repository import components_of, find_stage
from kernel.contracts.agent_tools import AgentTools
from kernel.errors import FieldProblem, Invalid


class ChosenTools:
    """Args:
    tasks: flows and plugins; none where the process knows none.
    """

    def __init__(self) -> None:
        self.tasks: AgentTools | None = None

    async def check(self, session: AsyncSession, server: McpServer, choices: Sequence[ToolChoice]) -> None:
        """Raises:
        Invalid: naming each tool that can't be offered, by its place.
        """
        problems = _names(choices)
        problems += await self._components(session, server, choices)
        problems += await self._startable(session, server, choices)
        if problems:
            raise Invalid("; ".join(f"{each.field} {each.problem}" for each in problems[:5]), fields=problems)

    async def _components(
        self, session: AsyncSession, server: McpServer, choices: Sequence[ToolChoice]
    ) -> list[FieldProblem]:
        problems: list[FieldProblem] = []
        served: dict[str, frozenset[str]] = {}
        for place, choice in enumerate(choices):
            if choice.kind is not ToolKind.COMPONENT:
                continue
            at = f"tools[{place}].target"
            system, _, name = choice.target.partition(".")
            if server.system not in (None, system):
                problems.append(
                    FieldProblem(at, f"is of {system}, the server is {server.system}'s", "Let a project own the server")
                )
                continue
            if system not in served:
                stage = await find_stage(session, system, server.stage)
                found = await components_of(session, stage.release_id) if stage is not None else []
                served[system] = frozenset(each.name for each in found)
            if name not in served[system]:
                problem = f"{choice.target} is not served on stage {server.stage}"
                problems.append(FieldProblem(at, problem, "Name one that its release has, as system.component"))
        return problems

    async def _startable(
        self, session: AsyncSession, server: McpServer, choices: Sequence[ToolChoice]
    ) -> list[FieldProblem]:
        wanted = {choice.target: choice.kind for choice in choices if choice.kind is not ToolKind.COMPONENT}
        found: set[str] = set()
        if wanted and server.project_id is not None and self.tasks is not None:
            flows = [target for target, kind in wanted.items() if kind is ToolKind.FLOW]
            plugins = [target for target, kind in wanted.items() if kind is ToolKind.PLUGIN]
            found |= {each.id for each in await self.tasks.flows(session, server.project_id, flows)}
            found |= {each.id for each in await self.tasks.plugins(session, server.project_id, plugins)}
        what = {
            ToolKind.FLOW: "is no published flow",
            ToolKind.PLUGIN: "is no installed plugin, or one that takes secrets,",
        }
        return [
            FieldProblem(f"tools[{place}].target", f"{choice.target} {what[choice.kind]} of the server's project")
            for place, choice in enumerate(choices)
            if choice.kind is not ToolKind.COMPONENT and choice.target not in found
        ]


def _names(choices: Sequence[ToolChoice]) -> list[FieldProblem]:
    counts = Counter(choice.name for choice in choices)
    return [
        FieldProblem(f"tools[{place}].name", f"{choice.name} is taken", "Give the tool another name")
        for place, choice in enumerate(choices)
        if counts[choice.name] > 1 or choice.name in (STATE, END)
    ]
