"""Which hosts a choice comes to at present."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.errors import ParameterWrong
from adapters.cmdb.service.host_choices import schemas
from adapters.cmdb.service.host_choices.schemas import MOST_HOSTS, ChosenHost, HostChoice, Narrowing
from adapters.cmdb.service.repository import InventoryRepository
from kernel.contracts.hosts import HostDirectory, HostSummary, HostsUnknown
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
        chosen = {host.host_id: host for host in await self._chosen(session, choice)}
        kept = [host for _, host in sorted(chosen.items()) if _is_kept(host, choice)]
        if len(kept) > MOST_HOSTS:
            raise ParameterWrong("choice", f"comes to {len(kept)} hosts; at most {MOST_HOSTS}, choose fewer")
        for host in kept:
            if asked.bk_biz_id is not None and host.business_id != asked.bk_biz_id:
                raise ParameterWrong("choice", f"{host.ip} does not belong to business {asked.bk_biz_id}")
        ips = choice.separator.join(_address(host, choice) for host in kept)
        return {"count": len(kept), "ips": ips, "hosts": [_record(host) for host in kept]}

    async def _chosen(self, session: AsyncSession, choice: HostChoice) -> list[HostSummary]:
        found: list[HostSummary] = []
        if choice.counts("ip"):
            found += await self._named(session, choice.ip)
        try:
            if choice.counts("topo"):
                places = [(place.bk_obj_id, place.bk_inst_id) for place in choice.topo]
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
        by_id = await self._hosts.by_ids(session, [host.bk_host_id for host in hosts if host.bk_host_id is not None])
        pairs = [(host.bk_cloud_id, host.bk_host_innerip or "") for host in hosts if host.bk_host_id is None]
        by_address = await self._hosts.by_addresses(session, pairs) if pairs else {}
        found = []
        for index, host in enumerate(hosts):
            if host.bk_host_id is not None:
                known, said = by_id.get(host.bk_host_id), str(host.bk_host_id)
            else:
                address = host.bk_host_innerip or ""
                known, said = by_address.get((host.bk_cloud_id, address)), f"{host.bk_cloud_id}:{address}"
            if known is None:
                raise ParameterWrong(f"choice.ip.{index}", f"the inventory has no host {said}")
            found.append(known)
        return found


def _is_kept(host: HostSummary, choice: HostChoice) -> bool:
    def named_by(narrowing: Narrowing) -> bool:
        return host.ip in narrowing.value

    return all(map(named_by, choice.filters)) and not any(map(named_by, choice.excludes))


def _address(host: HostSummary, choice: HostChoice) -> str:
    return f"{host.cloud_id}:{host.ip}" if choice.with_cloud_id else host.ip


def _record(host: HostSummary) -> dict[str, Any]:
    return {
        "bk_host_id": host.host_id,
        "bk_cloud_id": host.cloud_id,
        "bk_host_innerip": host.ip,
        "bk_host_name": host.name,
        "bk_biz_id": host.business_id,
    }
