"""Which addresses are told of the tasks of templates, as clients of Standard OPS set it."""

import base64

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import Invalid
from kernel.principal import Principal
from orchestrator.notices.webhooks import WantedWebhook, WebhookService
from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.places import Places
from orchestrator.sops.webhooks.messages import EVENTS
from orchestrator.sops.webhooks.schemas import ApplyWebhooks, Authorization, ExtraInfo

_OFF = "or send enable_webhook false to have nothing told"


class WebhookComponents:
    def __init__(self, places: Places, webhooks: WebhookService) -> None:
        self._places = places
        self._webhooks = webhooks

    async def apply_webhook_configs(self, session: AsyncSession, principal: Principal, asked: ApplyWebhooks) -> str:
        """Of all of the templates, or of none."""
        place = await self._places.project(session, principal, asked)
        numbers = dict.fromkeys(asked.template_ids)
        flows = [(await self._places.flow(session, place, number)).id for number in numbers]
        if not asked.enable_webhook:
            await self._webhooks.remove(session, principal, flows)
            return "success"
        if not asked.endpoint:
            raise ParameterWrong("endpoint", f"is missing: name the address, {_OFF}")
        if not asked.events:
            raise ParameterWrong("events", f"are missing: name task_failed, task_finished or *, {_OFF}")
        told = tuple(event for code, event in EVENTS.items() if code in asked.events or "*" in asked.events)
        extra = asked.extra_info
        wanted = WantedWebhook(asked.endpoint, told, _headers(extra), extra.timeout, extra.retry_times, extra.interval)
        try:
            await self._webhooks.put(session, principal, flows, wanted)
        except Invalid as error:
            raise ParameterWrong("endpoint", error.detail) from None
        return "success"


def _headers(extra: ExtraInfo) -> dict[str, str]:
    """Those that are written out stand before what the authorization comes to."""
    given = {header.key.lower(): header.value for header in extra.headers}
    return {**_proof(extra.authorization), **given}


def _proof(given: Authorization | None) -> dict[str, str]:
    if given is None or not given.type:
        return {}
    if given.type == "bearer":
        return {"authorization": f"Bearer {given.token}"}
    name_and_password = base64.b64encode(f"{given.username}:{given.password}".encode()).decode()
    return {"authorization": f"Basic {name_and_password}"}
