"""The unit's services, as endpoints ask for them; the composition root puts the unit at `app.state.orchestrator`."""

from typing import Annotated

from fastapi import Depends, Request

from orchestrator.flows.service import FlowService
from orchestrator.launch.service import LaunchService
from orchestrator.tasks.callbacks import CallbackService
from orchestrator.tasks.feeds import Feeds
from orchestrator.tasks.operations import OperationService
from orchestrator.tasks.service import TaskService


def _flows(request: Request) -> FlowService:
    service: FlowService = request.app.state.orchestrator.flows
    return service


def _launches(request: Request) -> LaunchService:
    service: LaunchService = request.app.state.orchestrator.launches
    return service


def _tasks(request: Request) -> TaskService:
    service: TaskService = request.app.state.orchestrator.tasks
    return service


def _operations(request: Request) -> OperationService:
    service: OperationService = request.app.state.orchestrator.operations
    return service


def _feeds(request: Request) -> Feeds:
    feeds: Feeds = request.app.state.orchestrator.feeds
    return feeds


def _callbacks(request: Request) -> CallbackService:
    service: CallbackService = request.app.state.orchestrator.callbacks
    return service


CallbackServiceDep = Annotated[CallbackService, Depends(_callbacks)]
FlowServiceDep = Annotated[FlowService, Depends(_flows)]
LaunchServiceDep = Annotated[LaunchService, Depends(_launches)]
TaskServiceDep = Annotated[TaskService, Depends(_tasks)]
OperationServiceDep = Annotated[OperationService, Depends(_operations)]
FeedsDep = Annotated[Feeds, Depends(_feeds)]
