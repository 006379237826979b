"""A small BK-CMDB: one business with a set, a module and three hosts; two businesses more.

Its numbers are beyond 32 bits: the real system's may be, and nothing on the way may mind.
Source of limits and codes: TencentBlueKing/bk-cmdb, src/common/definitions.go, src/common/errors.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.blueking_systems.refusal import Refused

WRONG: Final = 1199006
EXCEEDED: Final = 1199042
NOT_THERE: Final = 1199019
FIRST_ID: Final = 30_000_000_000
BIZ, SET, MODULE = FIRST_ID, FIRST_ID + 1, FIRST_ID + 2
IDLE_SET, IDLE, FAULT, RECYCLE = (FIRST_ID + number for number in (10, 11, 12, 13))
INTERNAL: Final = {IDLE: "idle", FAULT: "fault", RECYCLE: "recycle"}

Record = dict[str, Any]
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "equal": lambda found, wanted: found == wanted,
    "in": lambda found, wanted: found in wanted,
    "greater": lambda found, wanted: found > wanted,
    "begins_with": lambda found, wanted: str(found).startswith(wanted),
}


@dataclass
class Inventory:
    businesses: list[Record] = field(
        default_factory=lambda: [
            {"bk_biz_id": BIZ + 100 * number, "bk_biz_name": name, "bk_biz_maintainer": "admin", "default": 0}
            for number, name in enumerate(("Shop", "Bank", "Mill"))
        ]
    )
    sets: list[Record] = field(
        default_factory=lambda: [
            {"bk_set_id": IDLE_SET, "bk_set_name": "idle pool", "bk_biz_id": BIZ, "default": 1},
            {"bk_set_id": SET, "bk_set_name": "east", "bk_biz_id": BIZ, "default": 0},
        ]
    )
    modules: list[Record] = field(
        default_factory=lambda: [
            *(
                {
                    "bk_module_id": number, "bk_module_name": name, "bk_set_id": IDLE_SET, "bk_biz_id": BIZ,
                    "default": place,
                }
                for place, (number, name) in enumerate(INTERNAL.items(), 1)
            ),
            {"bk_module_id": MODULE, "bk_module_name": "web", "bk_set_id": SET, "bk_biz_id": BIZ, "default": 0},
        ]
    )  # fmt: skip
    hosts: list[Record] = field(
        default_factory=lambda: [
            {
                "bk_host_id": FIRST_ID + 1000 + number, "bk_host_innerip": f"10.0.0.{number}", "bk_cloud_id": 0,
                "bk_mem": number * 1024, "bk_host_name": f"web-{number}", "bk_os_type": "1",
            }
            for number in (1, 2, 3)
        ]
    )  # fmt: skip
    places: dict[int, list[int]] = field(
        default_factory=lambda: {FIRST_ID + 1000 + number: [IDLE] for number in (1, 2, 3)}
    )

    def answer(self, component: str, params: Record) -> Any:
        """The data; raises Refused."""
        return getattr(self, f"_{component}")(params)

    def _search_business(self, params: Record) -> Any:
        return _page(_like(self.businesses, params.get("condition", {})), params, 200)

    def _search_set(self, params: Record) -> Any:
        found = [each for each in self.sets if each["bk_biz_id"] == params["bk_biz_id"]]
        return _page(_like(found, params.get("condition", {})), params, 200)

    def _search_module(self, params: Record) -> Any:
        inside = params.get("bk_set_id", 0)
        found = [each for each in self.modules if each["bk_biz_id"] == params["bk_biz_id"]]
        found = [each for each in found if not inside or each["bk_set_id"] == inside]
        return _page(_like(found, params.get("condition", {})), params, 200)

    def _list_biz_hosts(self, params: Record) -> Any:
        self._business(params)
        sets = params.get("bk_set_ids", ())
        inside = {each["bk_module_id"] for each in self.modules if each["bk_set_id"] in sets}
        modules = inside | set(params.get("bk_module_ids", ()))
        found = [each for each in self.hosts if not modules or modules & set(self.places[each["bk_host_id"]])]
        return _page(_matching(found, params), params, 500)

    def _list_biz_hosts_topo(self, params: Record) -> Any:
        self._business(params)
        listed = _page(_matching(self.hosts, params), {**params, "fields": []}, 500)
        info = [{"host": _only(host, params), "topo": self._topology(host)} for host in listed["info"]]
        return {"count": listed["count"], "info": info}

    def _list_hosts_without_biz(self, params: Record) -> Any:
        return _page(_matching(self.hosts, params), params, 500)

    def _search_host(self, params: Record) -> Any:
        addresses = params.get("ip", {}).get("data") or [each["bk_host_innerip"] for each in self.hosts]
        found = [each for each in self.hosts if each["bk_host_innerip"] in addresses]
        areas = [{"bk_obj_id": "plat", "bk_inst_id": 0, "bk_inst_name": "default area", "id": "0"}]
        listed = _page([{**host, "bk_cloud_id": areas} for host in found], params, 500)
        return {
            "count": listed["count"],
            "info": [{"host": host, "biz": [], "set": [], "module": []} for host in listed["info"]],
        }

    def _get_biz_internal_module(self, params: Record) -> Any:
        self._business(params)
        modules = [
            {"bk_module_id": number, "bk_module_name": name, "default": place, "host_apply_enabled": False}
            for place, (number, name) in enumerate(INTERNAL.items(), 1)
        ]
        return {"bk_set_id": IDLE_SET, "bk_set_name": "idle pool", "module": modules}

    def _search_biz_inst_topo(self, params: Record) -> Any:
        business = self._business(params)
        sets = [
            _node("set", each["bk_set_id"], each["bk_set_name"], self._leaves(each["bk_set_id"]))
            for each in self.sets
            if not each["default"]
        ]
        return [_node("biz", business["bk_biz_id"], business["bk_biz_name"], sets)]

    def _find_host_topo_relation(self, params: Record) -> Any:
        wanted = params.get("bk_host_ids") or list(self.places)
        found = [
            {
                "bk_biz_id": BIZ, "bk_set_id": self._module(place)["bk_set_id"], "bk_module_id": place,
                "bk_host_id": host, "bk_supplier_account": "0",
            }
            for host in wanted
            for place in self.places[host]
        ]  # fmt: skip
        listed = _page(found, params, 500)
        return {"count": listed["count"], "data": listed["info"], "page": params["page"]}

    def _find_host_biz_relations(self, params: Record) -> Any:
        return [{"bk_biz_id": BIZ, "bk_host_id": host} for host in params["bk_host_id"] if host in self.places]

    def _transfer_host_module(self, params: Record) -> Any:
        for module in params["bk_module_id"]:
            if module in INTERNAL:
                raise Refused(WRONG, "internal modules take no hosts this way")
            self._module(module)
        for host in params["bk_host_id"]:
            kept = [each for each in self.places[host] if each not in INTERNAL] if params["is_increment"] else []
            self.places[host] = [*kept, *params["bk_module_id"]]

    def _transfer_host_to_idlemodule(self, params: Record) -> Any:
        self.places |= {host: [IDLE] for host in params["bk_host_id"]}

    def _transfer_host_to_faultmodule(self, params: Record) -> Any:
        self.places |= {host: [FAULT] for host in params["bk_host_id"]}

    def _transfer_host_to_recyclemodule(self, params: Record) -> Any:
        self.places |= {host: [RECYCLE] for host in params["bk_host_id"]}

    def _search_object_attribute(self, params: Record) -> Any:
        names = {"host": ["bk_host_innerip", "bk_host_name"], "biz": ["bk_biz_name"]}
        return [
            {
                "id": number, "bk_obj_id": params["bk_obj_id"], "bk_property_id": name, "bk_property_name": name,
                "bk_property_type": "singlechar", "bk_property_group": "default", "isrequired": True, "isonly": False,
                "isreadonly": False, "ispre": True, "editable": True, "option": "", "unit": "", "placeholder": "",
                "bk_supplier_account": "0", "creator": "cc_system",
            }
            for number, name in enumerate(names.get(params["bk_obj_id"], ()))
        ]  # fmt: skip

    def _search_cloud_area(self, params: Record) -> Any:
        return _page([{"bk_cloud_id": 0, "bk_cloud_name": "default area"}], params, 1000)

    def _create_set(self, params: Record) -> Any:
        made = {"bk_set_id": FIRST_ID + 500 + len(self.sets), "bk_biz_id": params["bk_biz_id"], "default": 0}
        self.sets.append(made | {name: value for name, value in params["data"].items() if name != "bk_parent_id"})
        return self.sets[-1]

    def _update_set(self, params: Record) -> Any:
        self._set(params["bk_set_id"]).update(params["data"])

    def _delete_set(self, params: Record) -> Any:
        self.sets.remove(self._set(params["bk_set_id"]))

    def _business(self, params: Record) -> Record:
        return _found(self.businesses, "bk_biz_id", params["bk_biz_id"])

    def _set(self, number: int) -> Record:
        return _found(self.sets, "bk_set_id", number)

    def _module(self, number: int) -> Record:
        return _found(self.modules, "bk_module_id", number)

    def _leaves(self, number: int) -> list[Record]:
        inside = [each for each in self.modules if each["bk_set_id"] == number]
        return [_node("module", each["bk_module_id"], each["bk_module_name"], []) for each in inside]

    def _topology(self, host: Record) -> list[Record]:
        modules = [self._module(place) for place in self.places[host["bk_host_id"]]]
        return [
            {
                "bk_set_id": each["bk_set_id"],
                "bk_set_name": self._set(each["bk_set_id"])["bk_set_name"],
                "module": [{name: each[name] for name in ("bk_module_id", "bk_module_name")}],
            }
            for each in modules
        ]


def _node(kind: str, number: int, name: str, child: list[Record]) -> Record:
    names = {"biz": "Business", "set": "Set", "module": "Module"}
    return {
        "bk_obj_id": kind, "bk_obj_name": names[kind], "bk_inst_id": number, "bk_inst_name": name, "default": 0,
        "child": child,
    }  # fmt: skip


def _found(records: Iterable[Record], name: str, number: int) -> Record:
    for record in records:
        if record[name] == number:
            return record
    raise Refused(NOT_THERE, f"{name} {number} is not there")


def _like(records: list[Record], condition: Record) -> list[Record]:
    return [each for each in records if all(each.get(name) == value for name, value in condition.items())]


def _matching(hosts: list[Record], params: Record) -> list[Record]:
    rules = params.get("host_property_filter")
    return [host for host in hosts if rules is None or _fits(host, rules)]


def _fits(host: Record, rule: Record) -> bool:
    if "rules" in rule:
        found = [_fits(host, inner) for inner in rule["rules"]]
        return all(found) if rule["condition"] == "AND" else any(found)
    if rule["operator"] not in _OPERATORS:
        raise Refused(WRONG, f"operator {rule['operator']} is wrong")
    return _OPERATORS[rule["operator"]](host.get(rule["field"]), rule["value"])


def _page(found: list[Record], params: Record, most: int) -> Record:
    page = params.get("page", {})
    start, limit = page.get("start", 0), page.get("limit", 0) or most
    if limit > most:
        raise Refused(EXCEEDED, f"page.limit exceeds {most}")
    return {"count": len(found), "info": [_only(each, params) for each in found[start : start + limit]]}


def _only(record: Record, params: Record) -> Record:
    fields = params.get("fields")
    return {name: record[name] for name in fields if name in record} if fields else dict(record)
