"""Changing the key our tokens are signed with, without a token that is refused.

A new key is told to everybody first. It begins to sign when its time has come and every gateway process knows it. The
old one verifies until the last token it signed has expired; then it is retired, and its private half erased.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.oauth.keys.key_pairs import Algorithm
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.keys.models import SigningKey
from gateway.oauth.keys.repository import all_keys, find_key, key_in_use, told_keys
from gateway.oauth.keys.shards import keys_document
from gateway.snapshot.live import LiveWatch
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.repository import shard_revision
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.database import Database
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal, system_principal

LEAD: Final = timedelta(minutes=10)
"""How long a key is told before it signs, unless somebody wants it otherwise: others keep our JWKS for a while."""

LONGEST_TOKEN: Final = timedelta(days=1)
"""What clients' settings allow for access tokens at most."""

_SLACK = timedelta(minutes=1)
_SELF = system_principal("signing keys")


class SigningKeyService:
    """For administrators, and for the clock.

    Args:
        longest: how long a token may hold that is signed now.
        most: how old the key in use may become before a new one is made by itself; `None` for ever.
    """

    def __init__(
        self,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        live: LiveWatch,
        keyring: SigningKeyring,
        clock: Clock,
        *,
        issuer: str,
        longest: timedelta,
        most: timedelta | None,
    ) -> None:
        self._authorizer = authorizer
        self._publisher = publisher
        self._live = live
        self._keyring = keyring
        self._clock = clock
        self._issuer = issuer
        self._longest = max(longest, LONGEST_TOKEN) + _SLACK
        self._most = most

    async def browse(self, session: AsyncSession, principal: Principal) -> list[SigningKey]:
        """Newest first, retired ones too."""
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return await all_keys(session)

    async def rotate(
        self, session: AsyncSession, principal: Principal, algorithm: Algorithm | None, signs_from: datetime | None
    ) -> tuple[SigningKey, int]:
        """A new key; answers it and the revision from which it is known everywhere.

        Args:
            signs_from: the earliest moment it signs at; `None` for ten minutes from now.

        Raises:
            Conflict: another one waits to begin.
        """
        await self._publisher.lock(session)
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        waiting = [key for key in await told_keys(session) if not key.signs]
        if waiting:
            raise Conflict(f"The key {waiting[0].kid} waits to begin; let it, or retire it first")
        return await self._add(session, principal, algorithm, signs_from or self._clock.now() + LEAD)

    async def retire(self, session: AsyncSession, principal: Principal, kid: str) -> int:
        """Ends a key at once: tokens it signed are refused from now on. Answers the revision.

        Raises:
            NotFound: no such key.
            Conflict: it is the one in use.
        """
        await self._publisher.lock(session)
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        key = await find_key(session, kid)
        if key is None:
            raise NotFound(f"There is no signing key {kid}")
        if key.retired_at is None:
            current = await key_in_use(session)
            if current is not None and current.kid == kid:
                raise Conflict(f"Tokens are signed with {kid}; rotate first, and retire it when the new key signs")
            self._end(session, principal, key)
        return await self._publish(session)

    async def keep(self, database: Database) -> None:
        """What is due now: a key that may begin, keys whose last token has expired, a new one for one that is old."""
        async with database.reading() as session:
            keys = await told_keys(session)
            told_at = await shard_revision(session, "keys")
        if not self._is_old(keys) and not any(self._may_begin(key) or self._is_over(key) for key in keys):
            return
        known_everywhere = await self._live.is_live(told_at)
        async with database.unit_of_work() as session:
            await self._publisher.lock(session)
            if await shard_revision(session, "keys") == told_at:  # else somebody was quicker, and the next turn sees
                await self._keep(session, await told_keys(session), known_everywhere=known_everywhere)

    async def _keep(self, session: AsyncSession, keys: list[SigningKey], *, known_everywhere: bool) -> None:
        over = [key for key in keys if self._is_over(key)]
        for key in keys:
            if known_everywhere and self._may_begin(key):
                self._begin(session, key, [each for each in keys if each.signs])
        for key in over:
            self._end(session, _SELF, key)
        if self._is_old(keys):
            await self._add(session, _SELF, None, self._clock.now() + LEAD)
        elif over:
            await self._publish(session)

    def _may_begin(self, key: SigningKey) -> bool:
        return not key.signs and key.signs_from <= self._clock.now()

    def _is_over(self, key: SigningKey) -> bool:
        return key.verifies_until is not None and key.verifies_until <= self._clock.now()

    def _is_old(self, keys: list[SigningKey]) -> bool:
        """Newest first; a younger one that waits is the next one already."""
        return self._most is not None and bool(keys) and keys[0].created_at + self._most <= self._clock.now()

    def _begin(self, session: AsyncSession, key: SigningKey, others: list[SigningKey]) -> None:
        key.signs = True
        for other in others:
            if other.verifies_until is None:
                other.verifies_until = self._clock.now() + self._longest
        record(session, _SELF, "signing_key.switched", "signing_key", key.kid, after=_described(key))

    def _end(self, session: AsyncSession, principal: Principal, key: SigningKey) -> None:
        before = _described(key)
        key.retired_at, key.sealed_private_key = self._clock.now(), None
        record(session, principal, "signing_key.retired", "signing_key", key.kid, before=before, after=_described(key))

    async def _add(
        self, session: AsyncSession, principal: Principal, algorithm: Algorithm | None, signs_from: datetime
    ) -> tuple[SigningKey, int]:
        key = self._keyring.add(session, signs_from=signs_from, signs=False, algorithm=algorithm)
        await session.flush()
        record(session, principal, "signing_key.made", "signing_key", key.kid, after=_described(key))
        return key, await self._publish(session)

    async def _publish(self, session: AsyncSession) -> int:
        return await self._publisher.publish(session, lambda inside: keys_document(inside, self._keyring, self._issuer))


def _described(key: SigningKey) -> dict[str, Any]:
    return {
        "algorithm": key.alg,
        "signs": key.signs,
        "signs_from": key.signs_from.isoformat(),
        "retired": key.retired_at is not None,
    }
