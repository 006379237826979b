"""Addresses that are told of tasks as clients of Standard OPS want it: who sees the flow reads them, who edits it sets
them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.errors import Invalid, NotFound
from kernel.principal import Principal
from kernel.secrets import SecretBox
from kernel.transport.address_problem import address_problem
from kernel.transport.addresses import AddressPolicy
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource
from orchestrator.flows.service import require_flow
from orchestrator.notices import repository
from orchestrator.notices.headers import sealed_headers
from orchestrator.notices.models import FlowWebhook


@dataclass(frozen=True, slots=True)
class WantedWebhook:
    """See `FlowWebhook`.

    Attributes:
        headers: kept sealed, and told to nobody.
    """

    url: str
    events: tuple[str, ...]
    headers: Mapping[str, str] = field(repr=False)
    timeout: int
    retries: int
    interval: int


class WebhookService:
    def __init__(self, authorizer: Authorizer, secrets: SecretBox, policy: AddressPolicy, clock: Clock) -> None:
        self._authorizer = authorizer
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def get(self, session: AsyncSession, principal: Principal, flow_id: str) -> FlowWebhook | None:
        flow = await require_flow(session, flow_id)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, flow_resource(flow.id, flow.project_id))
        return await repository.find_webhook(session, flow.id)

    async def put(
        self, session: AsyncSession, principal: Principal, flow_ids: Sequence[str], wanted: WantedWebhook
    ) -> None:
        """Of each of the flows, for tasks launched from now on; replaces what it had.

        Raises:
            Invalid: the address may not be called.
        """
        flows = [await self._to_change(session, principal, flow_id) for flow_id in sorted(flow_ids)]
        problem = await address_problem(self._policy, wanted.url)
        if problem is not None:
            raise Invalid.field("url", problem)
        for flow in flows:
            kept = await repository.find_webhook(session, flow.id)
            before = None if kept is None else _facts(kept)
            webhook = await session.merge(
                FlowWebhook(
                    flow_id=flow.id,
                    project_id=flow.project_id,
                    url=wanted.url,
                    events=list(wanted.events),
                    sealed_headers=sealed_headers(wanted.headers, self._secrets),
                    timeout=wanted.timeout,
                    retries=wanted.retries,
                    interval=wanted.interval,
                    updated_by=principal.id,
                    updated_at=self._clock.now(),
                )
            )
            record(
                session, principal, "flow_webhook.changed", "flow", flow.id,
                before=before, after=_facts(webhook), project_id=flow.project_id,
            )  # fmt: skip

    async def remove(self, session: AsyncSession, principal: Principal, flow_ids: Sequence[str]) -> None:
        """Of each of the flows that has one; what was not sent yet is not sent any more."""
        for flow_id in sorted(flow_ids):
            flow = await self._to_change(session, principal, flow_id)
            kept = await repository.find_webhook(session, flow.id)
            if kept is not None:
                await self._remove(session, principal, flow, kept)

    async def remove_one(self, session: AsyncSession, principal: Principal, flow_id: str) -> None:
        """As `remove`. Raises NotFound: the flow has none."""
        flow = await self._to_change(session, principal, flow_id)
        kept = await repository.find_webhook(session, flow.id)
        if kept is None:
            raise NotFound(f"The flow {flow.name!r} has no webhook that a client of Standard OPS has set")
        await self._remove(session, principal, flow, kept)

    async def _remove(self, session: AsyncSession, principal: Principal, flow: FlowRow, kept: FlowWebhook) -> None:
        record(
            session, principal, "flow_webhook.deleted", "flow", flow.id,
            before=_facts(kept), project_id=flow.project_id,
        )  # fmt: skip
        await session.delete(kept)

    async def _to_change(self, session: AsyncSession, principal: Principal, flow_id: str) -> FlowRow:
        """Held, so that of two who set it first at once one comes after the other."""
        flow = await require_flow(session, flow_id, lock=True)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, flow_resource(flow.id, flow.project_id))
        return flow


def _facts(webhook: FlowWebhook) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in ("url", "events", "timeout", "retries", "interval")}
