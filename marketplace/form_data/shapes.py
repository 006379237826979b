"""The shapes BlueKing's forms expect of their addresses. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from marketplace.form_data.questions import Shape

Item = Mapping[str, Any]


def choices(text: str, value: str, *, where: str = "", unless: str = "") -> Shape:
    """`[{text, value}]`, of items that have something at `where`, unless the address has something at `unless`."""

    def shape(items: list[Any], given: Mapping[str, str]) -> list[Item]:
        kept = [item for item in items if not where or item.get(where) or (unless and given.get(unless))]
        return [{"text": item.get(text), "value": item.get(value)} for item in kept]

    return shape


def choices_by_name(value: str, *, field: str) -> Shape:
    """As `choices`, each name once; the address may name another member as the value."""

    def shape(items: list[Any], given: Mapping[str, str]) -> list[Item]:
        named = given.get(field) or value
        found = {item["name"]: item[named] for item in items if item.get(named) is not None}
        return [{"text": name, "value": one} for name, one in found.items()]

    return shape


def members(*names: str, where: str = "", but: str = "") -> Shape:
    """The items with these members, or whole where none are named; `but` leaves one property out."""

    def shape(items: list[Any], _given: Mapping[str, str]) -> list[Item]:
        kept = [item for item in items if not where or item.get(where)]
        kept = [item for item in kept if not but or item.get("bk_property_id") != but]
        return [{name: item.get(name) for name in names} if names else item for item in kept]

    return shape


def constant(value: Any) -> Shape:
    return lambda _items, _given: value


def whole(items: list[Any], _given: Mapping[str, str]) -> list[Any]:
    return items


def columns(items: list[Any], _given: Mapping[str, str]) -> list[Item]:
    """Columns of a table: an input for each attribute, required where BlueKing's forms require it."""
    return [
        {
            "tag_code": item["bk_property_id"],
            "type": "input",
            "attrs": {
                "name": item["bk_property_name"],
                "editable": "true",
                **({"validation": [{"type": "required"}]} if item["bk_property_id"] in _NAMES else {}),
            },
        }
        for item in items
    ]


_NAMES = frozenset({"bk_set_name", "bk_module_name"})


def status_choices(items: list[Any], _given: Mapping[str, str]) -> list[Item]:
    found = next((item.get("option") for item in items if item.get("bk_property_id") == "bk_service_status"), None)
    return [{"text": one["name"], "value": one["id"]} for one in found or []]


def topology(items: list[Any], given: Mapping[str, str]) -> list[Item]:
    """Nodes of a tree down to the objects named (`normal`), or to those above them (`prev`)."""
    if given["category"] not in ("normal", "prev"):
        return []
    return _nodes(items, given["obj_id"], with_last=given["category"] == "normal")


def _nodes(items: list[Any], last: str, *, with_last: bool) -> list[Item]:
    nodes: list[Item] = []
    for item in items:
        is_last = item["bk_obj_id"] == last
        if is_last and not with_last:
            continue
        node = {"id": f"{item['bk_obj_id']}_{item['bk_inst_id']}", "label": item["bk_inst_name"]}
        below = [] if is_last else _nodes(item.get("child") or [], last, with_last=with_last)
        nodes.append({**node, "children": below} if below else node)
    return nodes


def named_sets(items: list[Any], _given: Mapping[str, str]) -> list[Item]:
    names = dict.fromkeys(item["bk_set_name"] for item in items)
    return [{"value": "all", "text": "all"}, *({"value": name, "text": name} for name in names)]


def host_groups(items: list[Any], _given: Mapping[str, str]) -> Item:
    kept = [item for item in items if item.get("bk_obj_id") == "host"]
    shown = [{name: item.get(name) for name in ("id", "name", "create_user")} for item in kept]
    return {"count": len(shown), "info": shown}


def set_groups(items: list[Any], _given: Mapping[str, str]) -> list[Item]:
    return [{"text": item["name"], "value": item["id"]} for item in items if item.get("bk_obj_id") == "set"]


def module_counts(items: list[Any], given: Mapping[str, str]) -> list[Item]:
    wanted = {text for text in given.get("bk_inst_id", "").split(",") if text}
    return [
        {"bk_inst_id": item["bk_inst_id"], "host_count": item["host_count"]}
        for item in items
        if item["bk_obj_id"] == "module" and str(item["bk_inst_id"]) in wanted
    ]


def hosts(items: list[Any], given: Mapping[str, str]) -> list[Item]:
    """Hosts with the fields, sets and modules that the address asks for, of the places and addresses it names."""
    fields = {"bk_host_id", "bk_host_name", "bk_cloud_id", "bk_host_innerip", *_listed(given.get("fields"))}
    places = {(str(one.get("bk_obj_id")), str(one.get("bk_inst_id"))) for one in _listed(given.get("topo"), dict)}
    addresses = {text.strip() for text in given.get("ip_str", "").split(",") if text.strip()}
    return [
        _host(item, fields)
        for item in items
        if (not places or places & _places_of(item))
        and (not addresses or item["host"].get("bk_host_innerip") in addresses)
    ]


def _host(item: Item, fields: set[str]) -> Item:
    host, sets = item["host"], item.get("topo") or []
    shown = {name: host[name] for name in sorted(fields) if name in host}
    if "set" in fields:
        shown["set"] = [{name: one[name] for name in ("bk_set_id", "bk_set_name")} for one in sets]
    if "module" in fields:
        shown["module"] = [module for one in sets for module in one.get("module") or []]
    if fields & {"cloud", "agent"}:
        shown["cloud"] = [{"id": str(host.get("bk_cloud_id", 0)), "bk_inst_name": ""}]
    if "agent" in fields:
        shown["agent"] = -1  # not known
    return shown


def _places_of(item: Item) -> set[tuple[str, str]]:
    sets = item.get("topo") or []
    found = {("set", str(one["bk_set_id"])) for one in sets}
    return found | {("module", str(module["bk_module_id"])) for one in sets for module in one.get("module") or []}


def _listed(text: str | None, kind: type[Any] = str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, kind)] if isinstance(found, list) else []


def plan_variables(items: list[Any], _given: Mapping[str, str]) -> list[Item]:
    """A plan's variables under the names of the newer forms."""
    return [_variable(item, "type") for plan in items for item in plan.get("global_var_list") or []]


def plan_detail(items: list[Any], _given: Mapping[str, str]) -> Item:
    """A plan's variables and steps under the names of the older forms."""
    plan = items[0] if items else {}
    variables = [_variable(item, "category") for item in plan.get("global_var_list") or []]
    steps = [
        {
            "stepId": step.get("id"),
            "name": step.get("name"),
            "scriptParams": (step.get("script_info") or {}).get("script_param", ""),
            "account": "",
            "ipList": "",
            "type": step.get("type"),
            "type_name": _STEP_KINDS.get(step.get("type"), str(step.get("type"))),
        }
        for step in plan.get("step_list") or []
    ]
    return {"global_var": variables, "steps": steps}


_STEP_KINDS = {1: "Script", 2: "Files", 3: "Approval"}
_HOSTS = 3


def _variable(item: Item, kind: str) -> Item:
    value = item.get("value") or ""
    if item.get("type") == _HOSTS:
        listed = (item.get("server") or {}).get("ip_list") or []
        value = ",".join(f"{one.get('bk_cloud_id', 0)}:{one.get('ip')}" for one in listed)
    return {
        "id": item.get("id"),
        kind: item.get("type", 1),
        "name": item.get("name"),
        "value": value,
        "description": item.get("description", ""),
    }
