"""Following outside sources: a secret that is changed there is used here within a minute or so."""

import hmac
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.secrets.models import NamedSecret
from gateway.registry.secrets.repository import claim, find_secret, outside_secrets
from gateway.registry.secrets.uses import uses_of
from gateway.secrets.references import from_document
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Invalid
from kernel.principal import system_principal
from kernel.secret_sources.errors import SecretUnavailable
from kernel.secret_sources.source import SecretSources
from kernel.secrets import SecretBox

_EVERY = timedelta(seconds=60)
_BATCH = 20
_SELF = system_principal("secret sources")
_log = structlog.get_logger()


class SecretRefresher:
    """What can't be read, or sent as a stage would send it, leaves the last good secret in use and is shown."""

    def __init__(
        self, database: Database, systems: ManagedSystems, sources: SecretSources, secrets: SecretBox, clock: Clock
    ) -> None:
        self._database = database
        self._systems = systems
        self._sources = sources
        self._secrets = secrets
        self._clock = clock

    async def refresh(self) -> bool:
        """Reads those that are due; true when there may be more."""
        async with self._database.reading() as session:
            due = await outside_secrets(session, self._clock.now() - _EVERY, _BATCH)
        for secret in due:
            async with self._database.unit_of_work() as session:
                claimed = await claim(session, secret, self._clock.now())
            if claimed:
                await self._follow(secret)
        return len(due) == _BATCH

    async def _follow(self, secret: NamedSecret) -> None:
        try:
            value = (await self._sources.read(from_document(secret.reference or {}))).decode()
        except (SecretUnavailable, UnicodeDecodeError) as error:
            await self._tell(secret, str(error)[:400])
            return
        known = self._secrets.open(secret.sealed, SIGNING_KEY)
        if hmac.compare_digest(value.encode(), known):
            await self._tell(secret, None)
            return
        try:
            async with self._database.unit_of_work() as session:
                await self._take(session, secret, value)
        except Invalid as error:
            await self._tell(secret, error.detail[:400])

    async def _take(self, session: AsyncSession, secret: NamedSecret, value: str) -> None:
        await self._systems.wait_for_others(session)
        row = await find_secret(session, secret.system, secret.name)
        if row is None or row.reference != secret.reference:
            return  # changed meanwhile: what was read belongs to another
        uses = await uses_of(session, secret.system, secret.name)
        await uses.check(value, "source")
        row.sealed, row.problem, row.updated_at = (
            self._secrets.seal(value.encode(), SIGNING_KEY),
            None,
            self._clock.now(),
        )
        record(
            session,
            _SELF,
            "secret.refreshed",
            "system",
            row.system,
            after={"name": row.name, **(row.reference or {})},
        )
        if uses:
            await self._systems.publish(session, row.system)

    async def _tell(self, secret: NamedSecret, problem: str | None) -> None:
        if problem == secret.problem:
            return
        if problem is not None:
            _log.warning("secret_source_fails", system=secret.system, secret_name=secret.name, reason=problem)
        async with self._database.unit_of_work() as session:
            row = await find_secret(session, secret.system, secret.name)
            if row is not None and row.reference == secret.reference:
                row.problem = problem
