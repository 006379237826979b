"""Tasks that clients make, of a template or of a tree of their own."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from kernel.secret_handles import masked
from orchestrator.flows.models import FlowRow
from orchestrator.flows.service import require_revision
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchService
from orchestrator.launch.without_flow import OnceLaunch
from orchestrator.sops.functionalization.service import FunctionTaskComponents
from orchestrator.sops.numbers import Kind, give, numbered
from orchestrator.sops.places import Places
from orchestrator.sops.schemes import chosen_schemes
from orchestrator.sops.tasks.given import given_inputs
from orchestrator.sops.tasks.schemas import (
    CreateAndStartTask,
    CreatedTask,
    CreateTask,
    FastCreateTask,
    NewTask,
    OfTask,
    StartedTask,
)
from orchestrator.sops.tasks.simplified import simplified
from orchestrator.sops.templates.reading import converted, read_template
from orchestrator.sops.trees import called_flows, tree_of, with_values
from orchestrator.tasks.origins import Origin, OriginKind
from orchestrator.tasks.service import TaskService, current_inputs
from orchestrator.tasks.starting import StartService

_CLIENT: Final = Origin(OriginKind.STANDARD_OPS)


class TaskCreation:
    """Args:
    task_url: address of a task's page, with `{task}` where its id stands.
    """

    def __init__(
        self,
        places: Places,
        launches: LaunchService,
        tasks: TaskService,
        starts: StartService,
        functional: FunctionTaskComponents,
        task_url: str,
    ) -> None:
        self._places = places
        self._launches = launches
        self._tasks = tasks
        self._starts = starts
        self._functional = functional
        self._task_url = task_url

    def url(self, task_id: str) -> str:
        """Address of the task's page."""
        return self._task_url.format(task=task_id)

    async def create_task(self, session: AsyncSession, principal: Principal, asked: CreateTask) -> CreatedTask:
        """Or asks for one, where others are to run it."""
        if asked.flow_type == "common":
            return await self._launched(session, principal, asked, start=False)
        place = await self._places.project(session, principal, asked)
        flow = await self._places.template(session, place, asked.template_id, asked.template_source)
        return await self._functional.submitted(session, principal, place, flow, asked)

    async def create_and_start_task(
        self, session: AsyncSession, principal: Principal, asked: CreateAndStartTask
    ) -> CreatedTask:
        return await self._launched(session, principal, asked, start=True)

    async def fast_create_task(self, session: AsyncSession, principal: Principal, asked: FastCreateTask) -> CreatedTask:
        """A task of a tree that is no template's."""
        place = await self._places.project(session, principal, asked)
        given = await converted(session, read_template(asked.pipeline_tree, "json"))
        inputs = _inputs(asked, given.definition)
        launch = OnceLaunch(place.project.id, asked.name, given.definition, inputs, start=False, origin=_CLIENT)
        return await self._created(session, principal, await self._launches.launch_once(session, principal, launch))

    async def start_task(self, session: AsyncSession, principal: Principal, asked: OfTask) -> StartedTask:
        place = await self._places.project(session, principal, asked)
        started = await self._functional.started(session, principal, place, asked.task_id)
        if started is not None:
            return StartedTask(task_url=self.url(started))
        task = await self._places.task(session, place, asked.task_id)
        await self._starts.start(session, principal, task.id)
        return StartedTask(task_url=self.url(task.id))

    async def _launched(
        self, session: AsyncSession, principal: Principal, asked: CreateTask, *, start: bool
    ) -> CreatedTask:
        place = await self._places.project(session, principal, asked)
        flow = await self._places.template(session, place, asked.template_id, asked.template_source)
        definition = await _definition(session, flow)
        left_out = _left_out(asked, definition)
        form = (definition.get("form") or {"schema": {}})["schema"]
        inputs = simplified(_inputs(asked, definition), asked.simplify_vars, form)
        schemes = await chosen_schemes(session, flow.id, asked.template_id, asked.template_schemes_id)
        request = LaunchRequest(
            flow.id,
            inputs,
            asked.name,
            None,
            None,
            tuple(left_out),
            start,
            asked.callback_url,
            origin=_CLIENT,
            schemes=schemes,
            project=place.project.id,
        )
        return await self._created(session, principal, await self._launches.launch(session, principal, request))

    async def _created(self, session: AsyncSession, principal: Principal, task_id: str) -> CreatedTask:
        details = await self._tasks.launched(session, principal, task_id)
        called = called_flows(details.definition)
        if called:
            await give(session, Kind.FLOW, sorted(called))
        tree = with_values(await tree_of(session, details.definition), masked(current_inputs(details.task)))
        number = await numbered(session, Kind.TASK, task_id)
        return CreatedTask(task_id=number, task_url=self.url(task_id), pipeline_tree=tree)


def _inputs(asked: NewTask, definition: Mapping[str, Any]) -> dict[str, Any]:
    return given_inputs(asked.constants, definition)


async def _definition(session: AsyncSession, flow: FlowRow) -> Mapping[str, Any]:
    return (await require_revision(session, flow, None)).definition


def _left_out(asked: CreateTask, definition: Mapping[str, Any]) -> Sequence[str]:
    """Optional nodes the task does without."""
    if not asked.execute_task_nodes_id:
        return asked.exclude_task_nodes_id
    kept = set(asked.execute_task_nodes_id)
    return [node["id"] for node in definition["nodes"] if node.get("optional") and node["id"] not in kept]
