"""What addresses were told of a task."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.principal import Principal
from kernel.webhooks.outgoing import DELIVERED
from orchestrator.flows.resources import flow_resource
from orchestrator.notices.models import Notice
from orchestrator.notices.repository import sent_of
from orchestrator.runtime.models import Task
from orchestrator.sops.moments import moment
from orchestrator.sops.tasks.schemas import WebhookDelivery
from orchestrator.sops.webhooks.messages import NAMES


class WebhookHistory:
    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    async def of_task(self, session: AsyncSession, principal: Principal, task: Task) -> Sequence[WebhookDelivery]:
        """The oldest first; nothing for who may not see its flow at home, whose project alone is told."""
        home = flow_resource(task.flow_id, task.project_id)
        if task.common or not await self._authorizer.allows(session, principal, Action.FLOW_VIEW, home):
            return ()
        return [_told(notice) for notice in await sent_of(session, task) if notice.attempts]


def _told(notice: Notice) -> WebhookDelivery:
    code = notice.about.replace(".", "_")
    return WebhookDelivery(
        created_at=moment(notice.created_at),
        event_code=code,
        event_code_name=NAMES.get(code, code),
        is_success=notice.state == DELIVERED,
        status_code=notice.status,
        response=notice.problem or None,
    )
