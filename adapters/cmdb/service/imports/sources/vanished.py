"""What becomes of hosts that their source has no longer."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.imports.models import HostOrigin, ImportRun
from adapters.cmdb.service.imports.repository import in_parts
from adapters.cmdb.service.imports.sources.models import ImportSource
from adapters.cmdb.service.imports.sources.repository import SourceRepository
from adapters.cmdb.service.models import RESOURCE_POOL
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.schemas import MoveHosts
from adapters.cmdb.service.transfers import HostTransfers
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller

_ALWAYS_BELIEVED: Final = 10
"""So many may vanish at once. More are believed only while they are less than half of all: a source that answers
almost nothing is rather broken than empty."""


class VanishedHosts:
    def __init__(
        self, sources: SourceRepository, inventory: InventoryRepository, transfers: HostTransfers, clock: Clock
    ) -> None:
        self._sources = sources
        self._inventory = inventory
        self._transfers = transfers
        self._clock = clock

    async def follow(self, session: AsyncSession, caller: SignedCaller, source: ImportSource, run: ImportRun) -> str:
        """Carries out the source's rule, notes the count in the run; answers why it did not, empty when it did."""
        gone = await self._sources.vanished(session, source.id, run.id)
        run.counts = {**run.counts, "vanished": len(gone)}
        if source.vanished == "leave" or not gone:
            return ""
        known = await self._sources.known(session, source.id)
        if len(gone) > _ALWAYS_BELIEVED and 2 * len(gone) > known:
            return f"{len(gone)} of {known} hosts vanished, more than half: nothing was done about them"
        for origin in gone:
            origin.missing_since = self._clock.now()
        if source.vanished == "recycle":
            await self._recycle(session, caller, gone)
        return ""

    async def _recycle(self, session: AsyncSession, caller: SignedCaller, gone: Sequence[HostOrigin]) -> None:
        by_business: dict[int, list[int]] = {}
        for part in in_parts([origin.bk_host_id for origin in gone]):
            for host in await self._inventory.hosts_for_change(session, part):
                if host.bk_biz_id != RESOURCE_POOL:
                    by_business.setdefault(host.bk_biz_id, []).append(host.bk_host_id)
        for business_id, hosts in by_business.items():
            for some in in_parts(hosts):
                asked = MoveHosts(bk_biz_id=business_id, bk_host_id=list(some))
                await self._transfers.to_recycle(session, caller, asked)
