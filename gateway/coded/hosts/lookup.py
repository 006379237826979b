"""Hosts by the calls that every CMDB of BlueKing's surface answers: as many as a choice has places and groups."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from gateway.coded.component import Invoke
from gateway.wire.codes import INVALID_ARGS
from kernel.contracts.hosts import HostSummary
from kernel.envelope import ComponentError
from kernel.host_choices import MOST_HOSTS, ChosenGroup, ChosenHost, ChosenPlace, HostChoice, TooManyHosts

_OF_BUSINESS: Final = "cmdb.list_biz_hosts"
_ANYWHERE: Final = "cmdb.list_hosts_without_biz"
_RELATIONS: Final = "cmdb.find_host_biz_relations"
_GROUP: Final = "cmdb.get_dynamic_group"
_MEMBERS: Final = "cmdb.execute_dynamic_group"
INVOKED: Final = (_OF_BUSINESS, _ANYWHERE, _RELATIONS, _GROUP, _MEMBERS)

_FIELDS: Final = ("bk_host_id", "bk_cloud_id", "bk_host_innerip", "bk_host_name")
_HOST_PAGE: Final = 500
_MEMBER_PAGE: Final = 200
_SETS_AT_ONCE: Final = 200
"""As many as BK-CMDB's `list_biz_hosts` takes."""
_INSIDE: Final[Mapping[str, str]] = {"set": "bk_set_ids", "module": "bk_module_ids"}

Record = Mapping[str, Any]


class HostLookup:
    """Args:
    business: in which all hosts are looked for; without one only addresses, ids and whole businesses can be.
    """

    def __init__(self, invoke: Invoke, business: int | None) -> None:
        self._invoke = invoke
        self._business = business

    async def chosen(self, choice: HostChoice) -> list[HostSummary]:
        """What the choice names, before it is narrowed.

        Raises:
            ComponentError: a host, place or group isn't there, or a business has to be named; or as a call was refused.
            TooManyHosts: a place or group has more than can be answered.
        """
        found: list[HostSummary] = []
        if choice.counts("ip"):
            found += await self._named(choice.ip)
        if choice.counts("topo"):
            found += await self._in_places(choice.topo)
        if choice.counts("group"):
            for index, group in enumerate(choice.group):
                found += await self._in_group(group, f"choice.group.{index}")
        return found

    async def _named(self, named: Sequence[ChosenHost]) -> list[HostSummary]:
        ids = {host.bk_host_id for host in named if host.bk_host_id is not None}
        areas: dict[int, set[str]] = {}
        for host in named:
            if host.bk_host_id is None:
                areas.setdefault(host.bk_cloud_id, set()).add(host.bk_host_innerip or "")
        found = await self._matching([_rule("bk_host_id", ids)]) if ids else []
        for area, addresses in areas.items():
            in_area = {"field": "bk_cloud_id", "operator": "equal", "value": area}
            found += await self._matching([in_area, _rule("bk_host_innerip", addresses)])
        by_id = {str(record["bk_host_id"]) for record, _ in found}
        by_address = {f"{_area(record)}:{address}" for record, _ in found for address in _addresses(record)}
        for index, host in enumerate(named):
            if host.text not in (by_id if host.bk_host_id is not None else by_address):
                where = "the inventory" if self._business is None else f"business {self._business}"
                raise _wrong(f"choice.ip.{index}", f"{where} has no host {host.text}")
        return [_summary(record, business, areas.get(_area(record), ())) for record, business in found]

    async def _matching(self, rules: list[dict[str, Any]]) -> list[tuple[Record, int]]:
        """Hosts, each with its business."""
        asked = {"host_property_filter": {"condition": "AND", "rules": rules}, "fields": list(_FIELDS)}
        if self._business is not None:
            records = await self._pages(_OF_BUSINESS, {**asked, "bk_biz_id": self._business}, _HOST_PAGE)
            return [(each, self._business) for each in records]
        records = await self._pages(_ANYWHERE, asked, _HOST_PAGE)
        if not records:
            return []
        relations = await self._invoke(_RELATIONS, {"bk_host_id": [each["bk_host_id"] for each in records]})
        businesses = {each["bk_host_id"]: each["bk_biz_id"] for each in relations}
        return [(each, businesses.get(each["bk_host_id"], 0)) for each in records]

    async def _in_places(self, places: Sequence[ChosenPlace]) -> list[HostSummary]:
        found: list[HostSummary] = []
        for index, place in enumerate(places):
            where = f"choice.topo.{index}"
            if place.bk_obj_id == "biz":
                if self._business not in (None, place.bk_inst_id):
                    raise _wrong(where, f"is business {place.bk_inst_id}, not {self._business}")
                found += await self._hosts(place.bk_inst_id, {})
            else:
                inside = {_INSIDE[place.bk_obj_id]: [place.bk_inst_id]}
                found += await self._hosts(self._needed(where), inside)
        return found

    async def _in_group(self, group: ChosenGroup, where: str) -> list[HostSummary]:
        """The hosts of a group of hosts, or those that stand in the sets of a group of sets."""
        business = self._needed(where)
        asked = {"bk_biz_id": business, "id": group.id}
        kind = (await self._invoke(_GROUP, asked))["bk_obj_id"]
        fields = list(_FIELDS) if kind == "host" else ["bk_set_id"]
        records = await self._pages(_MEMBERS, {**asked, "fields": fields}, _MEMBER_PAGE)
        if kind == "host":
            return [_summary(each, business) for each in records]
        found: list[HostSummary] = []
        for begin in range(0, len(records), _SETS_AT_ONCE):
            sets = [each["bk_set_id"] for each in records[begin : begin + _SETS_AT_ONCE]]
            found += await self._hosts(business, {"bk_set_ids": sets})
        return found

    async def _hosts(self, business: int, asked: Mapping[str, Any]) -> list[HostSummary]:
        whole = {**asked, "bk_biz_id": business, "fields": list(_FIELDS)}
        return [_summary(each, business) for each in await self._pages(_OF_BUSINESS, whole, _HOST_PAGE)]

    async def _pages(self, component: str, asked: Mapping[str, Any], limit: int) -> list[Record]:
        found: list[Record] = []
        start = 0
        while True:
            answer = await self._invoke(component, {**asked, "page": {"start": start, "limit": limit}})
            if answer["count"] > MOST_HOSTS:
                raise TooManyHosts(f"names {answer['count']} hosts in one place; at most {MOST_HOSTS}, choose fewer")
            found += answer["info"]
            start += limit
            if start >= answer["count"]:
                return found

    def _needed(self, where: str) -> int:
        if self._business is None:
            raise _wrong(where, "is looked for in a business; send bk_biz_id, or bind the project to its business")
        return self._business


def _rule(field: str, values: set[int] | set[str]) -> dict[str, Any]:
    return {"field": field, "operator": "in", "value": sorted(values)}


def _summary(record: Record, business: int, named: Collection[str] = ()) -> HostSummary:
    """Of several addresses the one by which it was named, or else the first."""
    addresses = _addresses(record)
    ip = next((address for address in addresses if address in named), addresses[0])
    return HostSummary(record["bk_host_id"], _area(record), ip, str(record.get("bk_host_name") or ""), business)


def _area(record: Record) -> int:
    return int(record.get("bk_cloud_id") or 0)


def _addresses(record: Record) -> list[str]:
    """At least one, which may be empty; BK-CMDB has several of a host in one text."""
    return str(record.get("bk_host_innerip") or "").split(",")


def _wrong(where: str, problem: str) -> ComponentError:
    return ComponentError(INVALID_ARGS.esb_code, f"{where}: {problem}")
