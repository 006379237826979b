"""Secrets of systems under names: kept here, or read from the environment, files or a Vault-compatible server."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.secrets.models import NamedSecret
from gateway.registry.secrets.repository import find_secret, secrets_of
from gateway.registry.secrets.uses import SecretUses, uses_of
from gateway.secrets.reading import read_source
from gateway.secrets.references import to_document
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.database import Database
from kernel.errors import Conflict, NotFound
from kernel.principal import Principal
from kernel.secret_sources.source import Reference, SecretSources
from kernel.secrets import SecretBox

MOST_SECRETS = 200


@dataclass(frozen=True, slots=True)
class DescribedSecret:
    secret: NamedSecret
    used_by: list[str]


class SecretService:
    def __init__(
        self,
        systems: ManagedSystems,
        authorizer: Authorizer,
        sources: SecretSources,
        secrets: SecretBox,
        clock: Clock,
    ) -> None:
        self._systems = systems
        self._authorizer = authorizer
        self._sources = sources
        self._secrets = secrets
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, system: str) -> list[DescribedSecret]:
        """By name; for those who manage the system."""
        await self._systems.managed(session, principal, system)
        return [
            DescribedSecret(secret, (await uses_of(session, system, secret.name)).stages)
            for secret in await secrets_of(session, system)
        ]

    async def put(
        self, database: Database, principal: Principal, system: str, name: str, given: bytes | Reference
    ) -> tuple[DescribedSecret, int]:
        """Keeps a secret under a name, or where an outside source has it; answers the revision that serves it.

        Opens its own unit of work: no transaction waits for the outside source.

        Raises:
            NotFound: no such system.
            PermissionDenied: the caller doesn't manage the system; or names an outside source and is no administrator.
            Invalid: the source can't give it, or a stage that uses it can't send it.
        """
        async with database.reading() as session:
            await self._systems.managed(session, principal, system)
            if not isinstance(given, bytes):
                await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        value = given if isinstance(given, bytes) else await read_source(self._sources, given)
        reference = None if isinstance(given, bytes) else to_document(given)
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, system)
            uses = await uses_of(session, system, name)
            await uses.check(value.decode(), "value")
            secret = await self._row(session, system, name)
            before = _recorded(secret) if secret.sealed else None
            now = self._clock.now()
            secret.reference, secret.sealed = reference, self._secrets.seal(value, SIGNING_KEY)
            secret.updated_by, secret.updated_at, secret.read_at, secret.problem = principal.id, now, now, None
            await session.flush()
            record(session, principal, "secret.kept", "system", system, before=before, after=_recorded(secret))
            revision = await self._revision(session, system, uses)
        return DescribedSecret(secret, uses.stages), revision

    async def remove(self, session: AsyncSession, principal: Principal, system: str, name: str) -> None:
        """Raises NotFound; Conflict while a stage uses it."""
        await self._systems.lock(session, principal, system)
        secret = await find_secret(session, system, name)
        if secret is None:
            raise NotFound(f"{system} has no secret {name}")
        stages = (await uses_of(session, system, name)).stages
        if stages:
            raise Conflict(f"Signing or upstreams of {', '.join(stages)} use {name}; change these first")
        await session.delete(secret)
        record(session, principal, "secret.removed", "system", system, before=_recorded(secret))

    async def _row(self, session: AsyncSession, system: str, name: str) -> NamedSecret:
        found = await find_secret(session, system, name)
        if found is None:
            if len(await secrets_of(session, system)) >= MOST_SECRETS:
                raise Conflict(f"A system has at most {MOST_SECRETS} secrets; remove one that nothing uses")
            found = NamedSecret(system=system, name=name, sealed="", updated_by="")
            session.add(found)
        return found

    async def _revision(self, session: AsyncSession, system: str, uses: SecretUses) -> int:
        return await self._systems.publish(session, system) if uses else await self._systems.revision(session, system)


def _recorded(secret: NamedSecret) -> dict[str, str]:
    return {"name": secret.name, **(secret.reference or {"source": "stored"})}
