from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from kernel.secret_handles import masked
from orchestrator.dependencies import MockServiceDep, TaskServiceDep
from orchestrator.mocking.definitions import NodeMock
from orchestrator.mocking.schemas import (
    MockRunBody,
    NodeMockBody,
    RecordedOutputsList,
    RecordedOutputsView,
    TryNodeBody,
)
from orchestrator.mocking.service import MockRun, RecordedOutputs
from orchestrator.tasks.schemas import TaskView
from orchestrator.tasks.views import task_view

router = APIRouter(tags=["flows"], route_class=StrictJsonRoute)


@router.post("/flows/{flow}:mock-run", status_code=201)
async def mock_run(
    flow: str,
    body: MockRunBody,
    session: SessionDep,
    principal: PrincipalDep,
    mocks: MockServiceDep,
    tasks: TaskServiceDep,
) -> TaskView:
    """Runs the draft as a task whose nodes are answered by what is sent; nothing is called but what is `real`."""
    wanted = MockRun(body.inputs, {path: _mock(each) for path, each in body.nodes.items()}, body.consent)
    return task_view(await tasks.get(session, principal, await mocks.run(session, principal, flow, wanted)))


@router.post("/flows/{flow}/nodes/{node}:try", status_code=201)
async def try_node(
    flow: str,
    node: str,
    body: TryNodeBody,
    session: SessionDep,
    principal: PrincipalDep,
    mocks: MockServiceDep,
    tasks: TaskServiceDep,
) -> TaskView:
    """Runs one plugin node of the draft alone, with these inputs; its plugin is really called."""
    task = await mocks.try_node(session, principal, flow, node, body.inputs, consent=body.consent)
    return task_view(await tasks.get(session, principal, task))


@router.get("/flows/{flow}/recorded-outputs")
async def get_recorded_outputs(
    flow: str, session: SessionDep, principal: PrincipalDep, mocks: MockServiceDep
) -> RecordedOutputsList:
    """What the nodes gave in the flow's newest tasks, to be taken as mocks."""
    found = await mocks.recorded(session, principal, flow)
    return RecordedOutputsList(nodes={node: [_recorded(each) for each in given] for node, given in found.items()})


def _recorded(each: RecordedOutputs) -> RecordedOutputsView:
    return RecordedOutputsView(task_id=each.task_id, at=each.at, outputs=masked(each.outputs))


def _mock(body: NodeMockBody) -> NodeMock:
    return NodeMock(body.mode == "real", body.outputs, body.error)
