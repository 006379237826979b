"""Flows and plugins as agents start them (contract `kernel.contracts.agent_tools.AgentTools`).

A plugin is run as a task of one node: so it may poll, be called back and outlive the agent's patience, and its history
is kept like any other's.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from semver import Version
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.agent_tools import StartableTool, TaskNews, TaskStanding
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.plugin_directory import InstalledPlugin, PluginDirectory
from kernel.errors import Invalid, NotFound
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal
from orchestrator.agent_tools.news import TaskChangesNews
from orchestrator.agent_tools.single_node import plugin_definition
from orchestrator.agent_tools.standing import standing_of
from orchestrator.engine.events import RevokeRequested
from orchestrator.flows.repository import find_flow, find_revision
from orchestrator.flows.resources import project_resource
from orchestrator.launch.forms import accepted_inputs, launch_form
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchService
from orchestrator.launch.without_flow import PluginLaunch
from orchestrator.tasks.changes import TaskChanges
from orchestrator.tasks.operations import OperationService
from orchestrator.tasks.origins import Origin, OriginKind
from orchestrator.tasks.service import TaskService

_AGENT: Final = Origin(OriginKind.AGENT)


class AgentToolService:
    def __init__(
        self,
        authorizer: Authorizer,
        plugins: PluginDirectory,
        launches: LaunchService,
        tasks: TaskService,
        operations: OperationService,
        changes: TaskChanges,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._plugins = plugins
        self._launches = launches
        self._tasks = tasks
        self._operations = operations
        self._changes = changes
        self._clock = clock

    async def flows(self, session: AsyncSession, project_id: str, ids: Iterable[str]) -> list[StartableTool]:
        """See the contract."""
        found: list[StartableTool] = []
        for flow_id in ids:
            flow = await find_flow(session, flow_id)
            if flow is None or flow.project_id != project_id or flow.latest_revision is None:
                continue
            revision = await find_revision(session, flow.id, flow.latest_revision)
            if revision is not None:
                inputs = launch_form(revision.definition).schema
                texts = {"en": (flow.name, flow.description)}
                found.append(StartableTool(flow.id, str(revision.number), texts, inputs, tuple(revision.scopes)))
        return found

    async def plugins(self, session: AsyncSession, project_id: str, codes: Iterable[str]) -> list[StartableTool]:
        """See the contract."""
        wanted = set(codes)
        newest = await self._newest(session, project_id)
        return [
            StartableTool(
                code,
                plugin.version,
                {language: (name, "") for language, name in plugin.name.items() if name},
                plugin.inputs,
                tuple(sorted(plugin.scopes)),
            )
            for code, plugin in newest.items()
            if code in wanted and not secret_fields(plugin.inputs).intersection(plugin.inputs.get("required", ()))
        ]

    async def start_flow(
        self, session: AsyncSession, principal: Principal, flow_id: str, inputs: Mapping[str, Any]
    ) -> str:
        """See the contract."""
        return await self._launches.launch(session, principal, LaunchRequest(flow_id, inputs, origin=_AGENT))

    async def start_plugin(
        self, session: AsyncSession, principal: Principal, project_id: str, code: str, inputs: Mapping[str, Any]
    ) -> str:
        """See the contract; whoever may launch every flow of the project may run its plugins."""
        await self._authorizer.require(session, principal, Action.FLOW_LAUNCH, project_resource(project_id))
        plugin = (await self._newest(session, project_id)).get(code)
        if plugin is None:
            raise NotFound(f"The plugin {code} is not installed in the project any more")
        accepted = accepted_inputs(Form(plugin.inputs), inputs)
        named = secret_fields(plugin.inputs) & accepted.keys()
        if named:
            raise Invalid.field(
                f"inputs.{min(named)}", "takes a secret, which only a flow may name", "Run it in a flow"
            )
        launch = PluginLaunch(
            project_id,
            plugin.name.get("en") or code,
            plugin_definition(plugin, sorted(accepted)),
            accepted,
            plugin.scopes,
            _AGENT,
        )
        return await self._launches.launch_plugin(session, principal, launch)

    async def standing(self, session: AsyncSession, principal: Principal, task_id: str) -> TaskStanding:
        """See the contract."""
        return standing_of(await self._tasks.get(session, principal, task_id))

    async def end(self, session: AsyncSession, principal: Principal, task_id: str) -> None:
        """See the contract."""
        now = self._clock.now().timestamp()
        await self._operations.ask(session, principal, task_id, RevokeRequested(now, actor=principal.id))

    @contextmanager
    def changes(self, task_id: str) -> Iterator[TaskNews]:
        """See the contract."""
        with self._changes.listen(task_id) as changed:
            yield TaskChangesNews(changed)

    async def _newest(self, session: AsyncSession, project_id: str) -> dict[str, InstalledPlugin]:
        newest: dict[str, InstalledPlugin] = {}
        for plugin in await self._plugins.installed(session, project_id):
            kept = newest.get(plugin.code)
            if plugin.refusal is None and (kept is None or Version.parse(plugin.version) > Version.parse(kept.version)):
                newest[plugin.code] = plugin
        return newest
