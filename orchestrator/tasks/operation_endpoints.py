"""What people do to tasks and nodes. Each answers once the task's owner has done it, or 202 when nobody did in time."""

import time
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from kernel.http.after_commit import AfterCommit
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from kernel.principal import Principal
from orchestrator.dependencies import OperationServiceDep
from orchestrator.engine.events import (
    ChangeInputsRequested,
    ChooseRequested,
    DecideRequested,
    ForceFailRequested,
    NodeOperation,
    PauseNodeRequested,
    PauseRequested,
    ResumeNodeRequested,
    ResumeRequested,
    RetryRequested,
    RevokeRequested,
    SignalRequested,
    SkipRequested,
    TaskOperation,
)
from orchestrator.tasks.operations import Asked, OperationService
from orchestrator.tasks.schemas import (
    ChangeInputsBody,
    ChooseBody,
    DecideBody,
    NodeView,
    RetryBody,
    SignalBody,
    TaskView,
)
from orchestrator.tasks.views import node_view, task_view

router = APIRouter(tags=["tasks"], route_class=StrictJsonRoute)


@router.post("/tasks/{task}:pause", response_model=TaskView)
async def pause_task(
    task: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Nodes under way finish, no further one begins."""
    return await _on_task(session, principal, operations, task, PauseRequested(time.time(), principal.id))


@router.post("/tasks/{task}:resume", response_model=TaskView)
async def resume_task(
    task: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    return await _on_task(session, principal, operations, task, ResumeRequested(time.time(), principal.id))


@router.post("/tasks/{task}:revoke", response_model=TaskView)
async def revoke_task(
    task: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Ends the task for good; nodes under way finish, no further one begins."""
    return await _on_task(session, principal, operations, task, RevokeRequested(time.time(), principal.id))


@router.post("/tasks/{task}:change-inputs", response_model=TaskView)
async def change_inputs(
    task: str, body: ChangeInputsBody, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Changes inputs of a task that has not ended, for the nodes that begin from now on."""
    operation = ChangeInputsRequested(time.time(), body.inputs, principal.id)
    return await _on_task(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:retry", response_model=NodeView)
async def retry_node(
    task: str,
    node: str,
    session: SessionDep,
    principal: PrincipalDep,
    operations: OperationServiceDep,
    body: RetryBody | None = None,
) -> Response:
    """Runs a failed node again; `inputs` replace those of the same names."""
    inputs = None if body is None else body.inputs
    operation = RetryRequested(time.time(), node, inputs, principal.id)
    return await _on_node(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:skip", response_model=NodeView)
async def skip_node(
    task: str, node: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Goes on behind a failed node, without its outputs."""
    operation = SkipRequested(time.time(), node, principal.id)
    return await _on_node(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:force-fail", response_model=NodeView)
async def force_fail_node(
    task: str, node: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Takes a node under way for failed; what its plugin answers later is ignored."""
    operation = ForceFailRequested(time.time(), node, principal.id)
    return await _on_node(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:choose", response_model=NodeView)
async def choose_edges(
    task: str,
    node: str,
    body: ChooseBody,
    session: SessionDep,
    principal: PrincipalDep,
    operations: OperationServiceDep,
) -> Response:
    """Decides where a failed exclusive or inclusive node goes on."""
    operation = ChooseRequested(time.time(), node, tuple(body.edges), principal.id)
    return await _on_node(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:pause", response_model=NodeView)
async def pause_node(
    task: str, node: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Has a node held when it is reached; what runs beside it goes on."""
    operation = PauseNodeRequested(time.time(), node, principal.id)
    return await _on_node(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:resume", response_model=NodeView)
async def resume_node(
    task: str, node: str, session: SessionDep, principal: PrincipalDep, operations: OperationServiceDep
) -> Response:
    """Lets a node that is held begin, or takes back that it is to be held."""
    operation = ResumeNodeRequested(time.time(), node, principal.id)
    return await _on_node(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:signal", response_model=NodeView)
async def signal_node(
    task: str,
    node: str,
    body: SignalBody,
    session: SessionDep,
    principal: PrincipalDep,
    operations: OperationServiceDep,
) -> Response:
    """Sends a node what it waits for."""
    operation = SignalRequested(time.time(), node, body.data, principal.id)
    return await _on_node(session, principal, operations, task, operation)


@router.post("/tasks/{task}/nodes/{node}:decide", response_model=NodeView)
async def decide_node(
    task: str,
    node: str,
    body: DecideBody,
    session: SessionDep,
    principal: PrincipalDep,
    operations: OperationServiceDep,
) -> Response:
    """Confirms, approves or refuses what a node asks."""
    operation = DecideRequested(time.time(), node, body.approved, body.comment, body.data, principal.id)
    return await _on_node(session, principal, operations, task, operation)


async def _on_task(
    session: AsyncSession, principal: Principal, operations: OperationService, task: str, operation: TaskOperation
) -> Response:
    return AfterCommit(_task_answer(operations, await operations.ask(session, principal, task, operation)))


async def _on_node(
    session: AsyncSession, principal: Principal, operations: OperationService, task: str, operation: NodeOperation
) -> Response:
    asked = await operations.ask(session, principal, task, operation)
    return AfterCommit(_node_answer(operations, asked, operation.node))


def _task_answer(operations: OperationService, asked: Asked) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        done = await operations.settled(asked)
        view = task_view(await operations.outcome(asked))
        return JSONResponse(view.model_dump(mode="json"), 200 if done else 202)

    return answer


def _node_answer(operations: OperationService, asked: Asked, node: str) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        done = await operations.settled(asked)
        details = await operations.outcome(asked)
        return JSONResponse(node_view(node, details).model_dump(mode="json"), 200 if done else 202)

    return answer
