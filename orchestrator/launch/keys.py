"""Launches that carry an idempotency key: the same key never starts a second task."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.db.idempotency import IdempotencyLedger, KeyedRequest, KeyReused, request_digest
from kernel.forms.model import Form
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal
from orchestrator.launch.errors import IdempotencyKeyReused
from orchestrator.launch.models import LaunchKey
from orchestrator.launch.requests import LaunchRequest


class LaunchKeys:
    """Key and task are written in one transaction, so there is no key without its task."""

    def __init__(self, clock: Clock) -> None:
        self._ledger = IdempotencyLedger(LaunchKey, clock)

    async def earlier(self, session: AsyncSession, keyed: KeyedRequest | None) -> str | None:
        """The task an earlier launch with this key made.

        Raises:
            IdempotencyKeyReused: the key belongs to another launch.
        """
        if keyed is None:
            return None
        try:
            earlier = await self._ledger.claim(session, keyed)
        except KeyReused:
            raise IdempotencyKeyReused(
                "This Idempotency-Key was sent with another launch before; take a new one"
            ) from None
        if earlier is None:
            return None
        answer: dict[str, str] = earlier.answer or {}
        return answer["task_id"]

    async def keep(self, session: AsyncSession, keyed: KeyedRequest | None, task_id: str) -> None:
        if keyed is not None:
            await self._ledger.keep(session, keyed, {"task_id": task_id})


def keyed_request(principal: Principal, request: LaunchRequest, form: Form) -> KeyedRequest | None:
    """None where the request carries no key."""
    if request.key is None:
        return None
    return keyed(principal, request.key, request.asked(secret_fields(form.schema)))


def keyed(principal: Principal, key: str, asked: Mapping[str, Any]) -> KeyedRequest:
    """Args:
    asked: what tells one launch from another; no secrets, of which not even a digest is kept: a short one could be
        found out.
    """
    digest = request_digest("launch", asked)
    return KeyedRequest(f"{principal.kind.value}:{principal.id}"[:128], key, "launch", digest)
