"""Filters in SQL mean what the same filter means to a plain evaluation, on both databases."""

import random
from typing import Any

from tests.adapters.gateway import Gateway

TEXTS = ["", "a", "A", "ab", "ba", "a%b", "a_b", "aXb", "Ähre", "ähre", "磁盘", "磁", "%", "_", "\\", "'", "aa", "aaa"]
NUMBERS = [None, 0, 1, 2, 1024, -1, 2**31 - 1]
TEXT_FIELDS = ("bk_host_name", "bk_comment", "bk_os_type", "rack")
NUMBER_FIELDS = ("bk_mem", "bk_disk", "slots")
CUSTOM = {"rack": "singlechar", "slots": "int", "areas": "multiasst"}
AREAS = [1, 2, 11, 12]
"""Ids of cloud areas; the digits of some stand in others."""

Record = dict[str, Any]


def _holds(rule: Record, host: Record) -> bool:
    if "rules" in rule:
        return (all if rule["condition"] == "AND" else any)(_holds(part, host) for part in rule["rules"])
    operator: str = rule["operator"]
    if operator.startswith(("not_", "is_not_")):
        return not _is(operator.replace("not_", "", 1), host[rule["field"]], rule["value"])
    return _is(operator, host[rule["field"]], rule["value"])


def _is(operator: str, value: Any, wanted: Any) -> bool:
    if operator == "is_null":
        return value is None
    if operator == "is_empty":
        return value is None or value == ""
    if isinstance(value, list):
        return not set(value).isdisjoint(wanted if operator == "in" else [wanted])
    if value is None:
        return False
    if operator == "between":
        return bool(wanted[0] <= value <= wanted[1])
    return {
        "equal": lambda: value == wanted,
        "in": lambda: value in wanted,
        "less": lambda: value < wanted,
        "less_or_equal": lambda: value <= wanted,
        "greater": lambda: value > wanted,
        "greater_or_equal": lambda: value >= wanted,
        "begins_with": lambda: value.startswith(wanted),
        "contains": lambda: wanted in value,
        "ends_with": lambda: value.endswith(wanted),
    }[operator]()


def _random_rule(chance: random.Random) -> Record:
    plain = ["equal", "not_equal", "in", "not_in", "is_empty", "is_not_empty", "is_null", "is_not_null"]
    if chance.random() < 0.2:
        operator, pool, field = chance.choice([*plain, "contains", "not_contains"]), list(AREAS), "areas"
    elif chance.random() < 0.6:
        field = chance.choice(TEXT_FIELDS)
        parts = ["begins_with", "contains", "ends_with"]
        operator = chance.choice(plain + parts + [f"not_{part}" for part in parts])
        pool: list[Any] = [text for text in TEXTS if text or operator in {"equal", "not_equal"}]
    else:
        field = chance.choice(NUMBER_FIELDS)
        ordered = ["less", "less_or_equal", "greater", "greater_or_equal", "between", "not_between"]
        operator = chance.choice(plain + ordered)
        pool = [number for number in NUMBERS if number is not None]
    value: Any = chance.choice(pool)
    if operator in {"in", "not_in"}:
        value = chance.sample(pool, 3)
    elif operator.endswith("between"):
        value = sorted(chance.sample(pool, 2))
    return {"field": field, "operator": operator, "value": value}


def _random_filter(chance: random.Random) -> Record:
    rules: list[Record] = []
    for _ in range(chance.randint(1, 3)):
        if chance.random() < 0.4:
            inner = [_random_rule(chance) for _ in range(chance.randint(1, 3))]
            rules.append({"condition": chance.choice(["AND", "OR"]), "rules": inner})
        else:
            rules.append(_random_rule(chance))
    return {"condition": chance.choice(["AND", "OR"]), "rules": rules}


async def test_three_hundred_random_filters_find_what_a_plain_evaluation_finds(gateway: Gateway) -> None:
    chance = random.Random(20260102)  # noqa: S311  the same filters on every run
    hosts: list[Record] = []
    for number in range(1, AREAS[-1] + 1):
        await gateway.data("create_cloud_area", {"bk_cloud_name": f"area {number}"})
    for name, kind in CUSTOM.items():
        attribute = {"bk_obj_id": "host", "bk_property_id": name, "bk_property_name": name, "bk_property_type": kind}
        attribute |= {"bk_asst_obj_id": "plat"} if kind == "multiasst" else {}
        await gateway.data("create_object_attribute", attribute)
    for number in range(60):
        host: Record = {"bk_host_innerip": f"10.0.1.{number}"}
        host |= {field: chance.choice(TEXTS) for field in TEXT_FIELDS}
        host |= {field: abs(value) if (value := chance.choice(NUMBERS)) else value for field in NUMBER_FIELDS}
        host["areas"] = chance.sample(AREAS, chance.randint(1, 3)) if chance.random() < 0.7 else None
        host["bk_os_type"], host["rack"] = host["bk_os_type"] or None, chance.choice([*TEXTS, None])
        hosts.append(host)
    added = await gateway.data("add_host_to_resource", {"host_info": {str(n): host for n, host in enumerate(hosts)}})
    for host, host_id in zip(hosts, added["bk_host_ids"], strict=True):
        host["bk_host_id"] = host_id
    for _ in range(300):
        wanted = _random_filter(chance)
        page = {"start": 0, "limit": 500, "sort": "bk_host_id"}
        found = await gateway.data("list_hosts_without_biz", {"page": page, "host_property_filter": wanted})
        expected = [host["bk_host_id"] for host in hosts if _holds(wanted, host)]
        assert [host["bk_host_id"] for host in found["info"]] == expected, wanted
