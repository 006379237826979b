"""The endpoints of the unit, in the order in which the API's document tells of them."""

from typing import Final

from orchestrator.archive.endpoints import router as archive_router
from orchestrator.common_flows.endpoints import router as common_flows_router
from orchestrator.doctor.endpoints import router as doctor_router
from orchestrator.executors.endpoints import router as executors_router
from orchestrator.flow_market.endpoints import router as flow_market_router
from orchestrator.flows.endpoints import router as flows_router
from orchestrator.flows.history_endpoints import router as history_router
from orchestrator.flows.variables_endpoints import router as variables_router
from orchestrator.handover.endpoints import router as handover_router
from orchestrator.insight.endpoints import router as insight_router
from orchestrator.labels.endpoints import router as labels_router
from orchestrator.launch.endpoints import router as launch_router
from orchestrator.launch.rerun_endpoints import router as reruns_router
from orchestrator.mini_apps.endpoints import router as mini_apps_router
from orchestrator.mocking.endpoints import router as mocks_router
from orchestrator.notices.endpoints import router as notices_router
from orchestrator.plain_secrets.endpoints import router as plain_secrets_router
from orchestrator.project_secrets.endpoints import router as project_secrets_router
from orchestrator.project_variables.endpoints import router as project_variables_router
from orchestrator.quotas.endpoints import router as quotas_router
from orchestrator.saved_inputs.endpoints import router as saved_inputs_router
from orchestrator.schedules.endpoints import router as schedules_router
from orchestrator.schemes.endpoints import router as schemes_router
from orchestrator.tasks.bulk_endpoints import router as bulk_router
from orchestrator.tasks.callback_endpoints import router as callbacks_router
from orchestrator.tasks.endpoints import router as tasks_router
from orchestrator.tasks.operation_endpoints import router as operations_router
from orchestrator.triggers.endpoints import door_router as hooks_router
from orchestrator.triggers.endpoints import router as triggers_router
from orchestrator.updates.endpoints import router as updates_router
from orchestrator.waiting.endpoints import router as events_router

ROUTERS: Final = (
    flows_router,
    history_router,
    variables_router,
    project_variables_router,
    project_secrets_router,
    executors_router,
    launch_router,
    reruns_router,
    saved_inputs_router,
    mini_apps_router,
    handover_router,
    mocks_router,
    notices_router,
    schedules_router,
    schemes_router,
    insight_router,
    labels_router,
    updates_router,
    common_flows_router,
    flow_market_router,
    triggers_router,
    hooks_router,
    tasks_router,
    operations_router,
    bulk_router,
    callbacks_router,
    doctor_router,
    plain_secrets_router,
    quotas_router,
    archive_router,
    events_router,
)
