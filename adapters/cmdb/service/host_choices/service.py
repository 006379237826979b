"""Which hosts a choice comes to at present."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.host_choices import schemas
from adapters.cmdb.service.repository import InventoryRepository
from adapters.cmdb.service.schemas import LARGEST_ID
from kernel.contracts.hosts import HostDirectory, HostSummary, HostsUnknown
from kernel.host_choices import ChosenHost, HostChoice, TooManyHosts, answer_of, resolved
from kernel.http.signed_only import SignedCaller


class HostChoiceService:
    def __init__(self, repository: InventoryRepository, hosts: HostDirectory) -> None:
        self._repository = repository
        self._hosts = hosts

    async def resolve(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ResolveHosts) -> Any:
        """Each host once, in the order of ids."""
        if asked.bk_biz_id is not None:
            await self._repository.business(session, asked.bk_biz_id)
        choice = asked.choice
        try:
            kept = resolved(choice, await self._chosen(session, choice))
        except TooManyHosts as problem:
            raise ParameterWrong("choice", str(problem)) from None
        for host in kept:
            if asked.bk_biz_id is not None and host.business_id != asked.bk_biz_id:
                raise ParameterWrong("choice", f"{host.ip} does not belong to business {asked.bk_biz_id}")
        return answer_of(choice, kept)

    async def _chosen(self, session: AsyncSession, choice: HostChoice) -> list[HostSummary]:
        found: list[HostSummary] = []
        if choice.counts("ip"):
            found += await self._named(session, choice.ip)
        try:
            if choice.counts("topo"):
                places = [(place.bk_obj_id, _own_id(place.bk_inst_id, place.bk_obj_id)) for place in choice.topo]
                found += await self._hosts.in_places(session, places)
            if choice.counts("group"):
                found += await self._hosts.in_groups(session, [group.id for group in choice.group])
        except HostsUnknown as unknown:
            raise ParameterWrong("choice", str(unknown)) from None
        return found

    async def _named(self, session: AsyncSession, named: Iterable[ChosenHost]) -> list[HostSummary]:
        """In one look each for ids and for addresses.

        Raises:
            ParameterWrong: naming the first that isn't there.
        """
        hosts = list(named)
        ids = [host.bk_host_id for host in hosts if host.bk_host_id is not None]
        by_id = await self._hosts.by_ids(session, [each for each in ids if each <= LARGEST_ID])
        pairs = [(host.bk_cloud_id, host.bk_host_innerip or "") for host in hosts if host.bk_host_id is None]
        by_address = await self._hosts.by_addresses(session, pairs) if pairs else {}
        found = []
        for index, host in enumerate(hosts):
            known = (
                by_id.get(host.bk_host_id)
                if host.bk_host_id is not None
                else by_address.get((host.bk_cloud_id, host.bk_host_innerip or ""))
            )
            if known is None:
                raise ParameterWrong(f"choice.ip.{index}", f"the inventory has no host {host.text}")
            found.append(known)
        return found


def _own_id(number: int, kind: str) -> int:
    """Raises HostsUnknown for an id that is longer than any here."""
    if number > LARGEST_ID:
        raise HostsUnknown(f"the inventory has no {kind} {number}")
    return number
