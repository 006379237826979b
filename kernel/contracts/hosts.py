"""What other systems may know of machines in the inventory: implemented by adapters.cmdb."""

from collections.abc import Iterable, Sequence
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


class HostsUnknown(Exception):
    """A place or group by which hosts are named isn't there, or can't be asked; the text says which."""


class HostDirectory(Protocol):
    async def by_ids(self, session: AsyncSession, host_ids: Iterable[int]) -> dict[int, HostSummary]:
        """The hosts that exist among these ids."""
        ...

    async def by_addresses(
        self, session: AsyncSession, addresses: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], HostSummary]:
        """The hosts that exist at these (cloud id, IP) pairs."""
        ...

    async def in_places(self, session: AsyncSession, places: Iterable[tuple[str, int]]) -> Sequence[HostSummary]:
        """The hosts that stand in one of these nodes of the topology: `biz`, `set` or `module`, with its id.

        Raises:
            HostsUnknown: a node doesn't exist.
        """
        ...

    async def in_groups(self, session: AsyncSession, group_ids: Iterable[str]) -> Sequence[HostSummary]:
        """The hosts that belong to one of these dynamic groups now.

        Raises:
            HostsUnknown: a group doesn't exist, is no group of hosts, or asks for a field that is gone.
        """
        ...
