"""Standard systems put where people find them: registered once; what a later edition brings becomes a release."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.back_ends.repository import find_release_by_digest
from gateway.registry.back_ends.standards import EMBEDDED, Standard, StandardSystems
from gateway.registry.importers.service import DocumentSource, ImportOrder, ImportService
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.releases.service import ReleaseOrder, ReleaseService
from gateway.registry.repository import PROD, find_stage, find_system
from gateway.registry.system_registration import SystemOrder
from kernel.db.database import Database
from kernel.principal import Principal

Outcome = Literal["registered", "released", "unchanged"]
_COMMENT = "components of this edition's embedded system"


class StandardRegistration:
    def __init__(
        self, standards: StandardSystems, systems: ManagedSystems, imports: ImportService, releases: ReleaseService
    ) -> None:
        self._standards = standards
        self._systems = systems
        self._imports = imports
        self._releases = releases

    async def register(
        self, database: Database, principal: Principal, name: str, *, aliases: Sequence[str], owner: str
    ) -> Outcome:
        """Registers a system that nobody has registered. Of one whose stage `prod` the embedded system answers, makes
        the release that its components are now, if there is none yet; what stages serve stays as it is.

        Raises:
            NotFound: there is no such standard system.
            Conflict: an alias belongs to another system.
            Invalid: the owner is no user, or our own address can't be used.
        """
        standard = self._standards.get(name)
        async with database.reading() as session:
            is_new = await find_system(session, name) is None
            if not is_new and not await self._is_behind(session, standard):
                return "unchanged"
        if is_new:
            source = DocumentSource(document=self._standards.document(name))
            system = SystemOrder(name=name, upstream_url=standard.address, aliases=aliases, owner=owner)
            await self._imports.run(database, principal, ImportOrder(source, system))
            return "registered"
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, name)
            if not await self._is_behind(session, standard):
                return "unchanged"
            order = ReleaseOrder(comment=_COMMENT)
            await self._releases.make(session, principal, name, standard.components[EMBEDDED], order)
            return "released"

    async def _is_behind(self, session: AsyncSession, standard: Standard) -> bool:
        stage = await find_stage(session, standard.name, PROD)
        if stage is None or stage.upstream_url != standard.address:
            return False
        return await find_release_by_digest(session, standard.name, standard.digests[EMBEDDED]) is None
