"""What other systems may know of machines in the inventory: implemented by adapters.cmdb."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class HostSummary:
    """Attributes:
    cloud_id: the network area (BlueKing's `bk_cloud_id`); 0 is the direct one.
    business_id: 0 while the host belongs to no business.
    """

    host_id: int
    cloud_id: int
    ip: str
    name: str
    business_id: int


class HostDirectory(Protocol):
    async def by_ids(self, session: AsyncSession, host_ids: Iterable[int]) -> dict[int, HostSummary]:
        """The hosts that exist among these ids."""
        ...

    async def by_addresses(
        self, session: AsyncSession, addresses: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], HostSummary]:
        """The hosts that exist at these (cloud id, IP) pairs."""
        ...
