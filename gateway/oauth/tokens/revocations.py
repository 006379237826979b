"""Access tokens that are refused before they expire: kept here, and told to every process with the configuration."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.tokens.models import Authorization, Revocation
from gateway.oauth.tokens.repository import put_revocation, revocations
from gateway.snapshot.publisher import SnapshotPublisher
from kernel.clock import Clock


class Revocations:
    """Whoever calls has called `lock` before he read what he ends.

    Args:
        longest: seconds that access tokens hold at most.
    """

    def __init__(self, publisher: SnapshotPublisher, clock: Clock, longest: int) -> None:
        self._publisher = publisher
        self._clock = clock
        self._longest = timedelta(seconds=longest)

    async def lock(self, session: AsyncSession) -> None:
        await self._publisher.lock(session)

    async def of_token(self, session: AsyncSession, token_id: str, expires_at: float) -> int:
        """One token; answers the revision at which every process refuses it."""
        await self._put(session, "token", token_id, datetime.fromtimestamp(expires_at, UTC))
        return await self.publish(session)

    async def of_authorizations(self, session: AsyncSession, ended: list[Authorization]) -> int:
        """All tokens that came of them and could still be used."""
        now = self._clock.now()
        for each in ended:
            if each.tokens_expire_at is not None and each.tokens_expire_at > now:
                await self._put(session, "authorization", each.id, each.tokens_expire_at)
        return await self.publish(session)

    async def of_app(self, session: AsyncSession, app_code: str) -> int:
        """All that an app was given until now."""
        await self._put(session, "app", app_code, self._clock.now() + self._longest)
        return await self.publish(session)

    async def of_user(self, session: AsyncSession, username: str) -> int:
        """All that any app was given for a person until now."""
        await self._put(session, "user", username, self._clock.now() + self._longest)
        return await self.publish(session)

    async def publish(self, session: AsyncSession) -> int:
        return await self._publisher.publish(session, revocations_document)

    async def _put(self, session: AsyncSession, kind: str, subject: str, expires_at: datetime) -> None:
        # A token's time of issue is in whole seconds: what was issued in this very second is meant too.
        issued_before = datetime.fromtimestamp(math.floor(self._clock.now().timestamp()) + 1, UTC)
        await put_revocation(
            session, Revocation(kind=kind, subject=subject, issued_before=issued_before, expires_at=expires_at)
        )


async def revocations_document(session: AsyncSession) -> dict[str, Any]:
    """The shard of all processes."""
    document: dict[str, Any] = {"kind": "revocations", "tokens": [], "authorizations": [], "apps": [], "users": []}
    for each in await revocations(session):
        expires_at, issued_before = each.expires_at.timestamp(), each.issued_before.timestamp()
        if each.kind == "token":
            document["tokens"].append({"jti": each.subject, "expires_at": expires_at})
        elif each.kind == "authorization":
            document["authorizations"].append({"sid": each.subject, "expires_at": expires_at})
        elif each.kind == "app":
            document["apps"].append({"app_code": each.subject, "issued_before": issued_before})
        else:
            document["users"].append({"username": each.subject, "issued_before": issued_before})
    return document
