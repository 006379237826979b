"""The unit's services, as endpoints ask for them; the composition root puts the unit at `app.state.orchestrator`."""

from typing import Annotated

from fastapi import Depends

from kernel.http.dependencies import service_of
from orchestrator.archive.reruns import ArchiveReruns
from orchestrator.archive.service import ArchiveService
from orchestrator.common_flows.service import CommonFlowService
from orchestrator.doctor.service import DoctorService
from orchestrator.executors.of_projects import ProjectExecutorService
from orchestrator.executors.service import ConsentService
from orchestrator.flow_market.sharing import FlowSharing
from orchestrator.flow_market.taking import FlowTaking
from orchestrator.flows.copying import CopyService
from orchestrator.flows.history import HistoryService
from orchestrator.flows.service import FlowService
from orchestrator.handover.service import HandoverService
from orchestrator.insight.service import InsightService
from orchestrator.labels.service import LabelService
from orchestrator.launch.foresight import Foresight
from orchestrator.launch.reruns import RerunService
from orchestrator.launch.service import LaunchService
from orchestrator.mini_apps.desk import MiniAppDesk
from orchestrator.mini_apps.service import MiniAppService
from orchestrator.mocking.service import MockService
from orchestrator.notices.service import NoticeService
from orchestrator.notices.webhooks import WebhookService
from orchestrator.plain_secrets.service import PlainSecretService
from orchestrator.project_secrets.where_used import ProjectSecretUses
from orchestrator.project_variables.service import ProjectVariableService
from orchestrator.quotas.service import QuotaService
from orchestrator.saved_inputs.service import SavedInputsService
from orchestrator.schedules.service import ScheduleService
from orchestrator.schemes.service import SchemeService
from orchestrator.tasks.bulk import BulkOperations
from orchestrator.tasks.callbacks import CallbackService
from orchestrator.tasks.feeds import Feeds
from orchestrator.tasks.operations import OperationService
from orchestrator.tasks.service import TaskService
from orchestrator.tasks.starting import StartService
from orchestrator.triggers.door import HookDoor
from orchestrator.triggers.service import TriggerService
from orchestrator.triggers.trying import TriggerTrials
from orchestrator.updates.service import UpdateService
from orchestrator.waiting.service import EventService

ConsentServiceDep = Annotated[ConsentService, Depends(service_of("orchestrator", "consents"))]
ProjectExecutorServiceDep = Annotated[ProjectExecutorService, Depends(service_of("orchestrator", "project_executors"))]
ProjectVariableServiceDep = Annotated[ProjectVariableService, Depends(service_of("orchestrator", "project_variables"))]
ProjectSecretUsesDep = Annotated[ProjectSecretUses, Depends(service_of("orchestrator", "project_secret_uses"))]
ArchiveRerunsDep = Annotated[ArchiveReruns, Depends(service_of("orchestrator", "archive_reruns"))]
ArchiveServiceDep = Annotated[ArchiveService, Depends(service_of("orchestrator", "archive"))]
CallbackServiceDep = Annotated[CallbackService, Depends(service_of("orchestrator", "callbacks"))]
PlainSecretServiceDep = Annotated[PlainSecretService, Depends(service_of("orchestrator", "plain_secret_service"))]
DoctorServiceDep = Annotated[DoctorService, Depends(service_of("orchestrator", "doctor"))]
FlowServiceDep = Annotated[FlowService, Depends(service_of("orchestrator", "flows"))]
HistoryServiceDep = Annotated[HistoryService, Depends(service_of("orchestrator", "history"))]
QuotaServiceDep = Annotated[QuotaService, Depends(service_of("orchestrator", "quotas"))]
InsightServiceDep = Annotated[InsightService, Depends(service_of("orchestrator", "insight"))]
FlowSharingDep = Annotated[FlowSharing, Depends(service_of("orchestrator", "sharing"))]
FlowTakingDep = Annotated[FlowTaking, Depends(service_of("orchestrator", "taking"))]
CommonFlowServiceDep = Annotated[CommonFlowService, Depends(service_of("orchestrator", "common_flows"))]
CopyServiceDep = Annotated[CopyService, Depends(service_of("orchestrator", "copies"))]
LabelServiceDep = Annotated[LabelService, Depends(service_of("orchestrator", "labels"))]
ForesightDep = Annotated[Foresight, Depends(service_of("orchestrator", "foresight"))]
LaunchServiceDep = Annotated[LaunchService, Depends(service_of("orchestrator", "launches"))]
StartServiceDep = Annotated[StartService, Depends(service_of("orchestrator", "starts"))]
RerunServiceDep = Annotated[RerunService, Depends(service_of("orchestrator", "reruns"))]
TaskServiceDep = Annotated[TaskService, Depends(service_of("orchestrator", "tasks"))]
NoticeServiceDep = Annotated[NoticeService, Depends(service_of("orchestrator", "notices"))]
FlowWebhookServiceDep = Annotated[WebhookService, Depends(service_of("orchestrator", "webhooks"))]
ScheduleServiceDep = Annotated[ScheduleService, Depends(service_of("orchestrator", "schedules"))]
SchemeServiceDep = Annotated[SchemeService, Depends(service_of("orchestrator", "schemes"))]
UpdateServiceDep = Annotated[UpdateService, Depends(service_of("orchestrator", "updates"))]
TriggerServiceDep = Annotated[TriggerService, Depends(service_of("orchestrator", "triggers"))]
TriggerTrialsDep = Annotated[TriggerTrials, Depends(service_of("orchestrator", "trigger_trials"))]
HookDoorDep = Annotated[HookDoor, Depends(service_of("orchestrator", "hooks"))]
OperationServiceDep = Annotated[OperationService, Depends(service_of("orchestrator", "operations"))]
BulkOperationsDep = Annotated[BulkOperations, Depends(service_of("orchestrator", "bulk"))]
SavedInputsServiceDep = Annotated[SavedInputsService, Depends(service_of("orchestrator", "saved_inputs"))]
MiniAppServiceDep = Annotated[MiniAppService, Depends(service_of("orchestrator", "mini_apps"))]
MiniAppDeskDep = Annotated[MiniAppDesk, Depends(service_of("orchestrator", "mini_app_desk"))]
HandoverServiceDep = Annotated[HandoverService, Depends(service_of("orchestrator", "handover"))]
EventServiceDep = Annotated[EventService, Depends(service_of("orchestrator", "events"))]
MockServiceDep = Annotated[MockService, Depends(service_of("orchestrator", "mocks"))]
FeedsDep = Annotated[Feeds, Depends(service_of("orchestrator", "feeds"))]
