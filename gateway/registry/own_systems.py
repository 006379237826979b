"""Systems that a part of the product serves: contract `kernel.contracts.own_systems`."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.identity.users.repository import first_administrator
from gateway.registry.importers.service import DocumentSource, ImportOrder, ImportService
from gateway.registry.repository import PROD, find_stage
from gateway.registry.system_registration import USUAL_SIGNING, SystemOrder
from kernel.db.database import Database
from kernel.errors import Conflict
from kernel.principal import system_principal

_PRINCIPAL: Final = system_principal("registry")
_MOUNT: Final = "/systems/"
"""Below which the server serves systems of its own."""


class KeptSystems:
    def __init__(self, database: Database, imports: ImportService) -> None:
        self._database = database
        self._imports = imports

    async def keep(self, name: str, address: str, document: Mapping[str, Any]) -> None:
        """See the contract. A new system belongs to the first administrator.

        Raises:
            Conflict: a system of this name stands elsewhere.
            Invalid: the document or the address.
        """
        async with self._database.reading() as session:
            stage = await find_stage(session, name, PROD)
            owner = await first_administrator(session) if stage is None else None
        if stage is not None and not stage.upstream_url.endswith(f"{_MOUNT}{name}"):
            raise Conflict(f"{name} is registered at {stage.upstream_url}, and the product needs the name; rename it")
        order = SystemOrder(name, upstream_url=address, signing=USUAL_SIGNING, owner=owner)
        await self._imports.run(self._database, _PRINCIPAL, ImportOrder(DocumentSource(document=dict(document)), order))
