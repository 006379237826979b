"""Changing the key a system is signed to with, without a call that fails: the old and the new one overlap.

`apigw` stands for all systems at once: its key signs `X-Bkapi-JWT` to each of them on the ESB's addresses, and changing
it is for administrators.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.models import SystemKey
from gateway.registry.repository import current_key
from gateway.registry.signing.keyring import make_key
from gateway.registry.signing.profiles import JWT
from gateway.registry.signing.repository import count_keys, find_key, keys_due, keys_of, systems_signed_by
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.database import Database
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal, system_principal
from kernel.secrets import SecretBox
from kernel.signing.jwt import ESB_KEY_ID

_SELF = system_principal("key rotation")


class KeyRotationService:
    def __init__(
        self,
        systems: ManagedSystems,
        authorizer: Authorizer,
        publisher: SnapshotPublisher,
        secrets: SecretBox,
        clock: Clock,
    ) -> None:
        self._systems = systems
        self._authorizer = authorizer
        self._publisher = publisher
        self._secrets = secrets
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, system: str) -> list[SystemKey]:
        """Newest first, retired ones too."""
        await self._require(session, principal, system)
        return await keys_of(session, system)

    async def rotate(
        self,
        database: Database,
        principal: Principal,
        system: str,
        profile: str,
        algorithm: str,
        signs_from: datetime | None,
    ) -> tuple[SystemKey, int]:
        """Makes a new key for a profile; answers it and the revision from which it is known everywhere.

        Opens its own unit of work: making a key takes its time.

        Raises:
            NotFound: no such system.
            Conflict: the system has no key of that profile, so there is none to change.
        """
        async with database.reading() as session:
            await self._require(session, principal, system)
        material = await make_key(profile, algorithm)
        if material is None:
            raise Conflict(f"The profile {profile} has no keys of ours")
        now = self._clock.now()
        async with database.unit_of_work() as session:
            await self._publisher.lock(session)
            await self._require(session, principal, system)
            if await current_key(session, system, profile) is None:
                raise Conflict(f"{system} has no key of {profile} yet; have a stage sign with that profile first")
            key = SystemKey(
                system=system,
                profile=profile,
                key_id=f"{system}-{await count_keys(session, system, profile) + 1}",
                sealed=self._secrets.seal(material.secret, SIGNING_KEY),
                public_key=material.public_key,
                created_at=now,
                signs_from=signs_from,
                signs=signs_from is None or signs_from <= now,
            )
            session.add(key)
            await session.flush()
            told = {"profile": profile, "key": key.key_id, "algorithm": algorithm, "signs": key.signs}
            told["signs_from"] = signs_from.isoformat() if signs_from is not None else None
            record(session, principal, "system_key.rotated", "system", system, after=told)
            revision = await self._publish(session, system)
        return key, revision

    async def retire(self, session: AsyncSession, principal: Principal, system: str, profile: str, key_id: str) -> int:
        """Ends a key: it is no longer told to who verifies. Answers the revision.

        Raises:
            NotFound: no such key.
            Conflict: the gateway signs with it.
        """
        await self._publisher.lock(session)
        await self._require(session, principal, system)
        key = await find_key(session, system, profile, key_id)
        if key is None:
            raise NotFound(f"{system} has no key {key_id} of {profile}")
        if key.retired_at is None:
            signing = await current_key(session, system, profile)
            if signing is not None and signing.id == key.id:
                raise Conflict(f"The gateway signs with {key_id}; rotate first, and retire it when the new one signs")
            key.retired_at = self._clock.now()
            told = {"profile": profile, "key": key_id}
            record(session, principal, "system_key.retired", "system", system, after=told)
        return await self._publish(session, system)

    async def switch_due(self, database: Database) -> bool:
        """Begins to sign with the keys whose time has come."""
        async with database.reading() as session:
            if not await keys_due(session, self._clock.now()):
                return False
        async with database.unit_of_work() as session:
            await self._publisher.lock(session)
            due = await keys_due(session, self._clock.now())
            for key in due:
                key.signs = True
                told = {"profile": key.profile, "key": key.key_id}
                record(session, _SELF, "system_key.switched", "system", key.system, after=told)
            await session.flush()
            for system in sorted({key.system for key in due}):
                await self._publish(session, system)
        return False

    async def _require(self, session: AsyncSession, principal: Principal, system: str) -> None:
        """Raises NotFound, PermissionDenied."""
        if system == ESB_KEY_ID:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        else:
            await self._systems.managed(session, principal, system)

    async def _publish(self, session: AsyncSession, system: str) -> int:
        """Publishes whatever is signed with the system's keys; answers the revision."""
        signed = await systems_signed_by(session, JWT) if system == ESB_KEY_ID else [system]
        revisions = [await self._systems.publish(session, each) for each in signed]
        return max(revisions, default=0)
