"""Groups of people that inputs name."""

from typing import Any

import pytest

from kernel.db.database import Database
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.named_groups import GroupPeople, asks_groups, groups_named
from tests.support.marketplace import KeptGroups

GROUP = {"type": "string", "format": "notice-group"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "one": GROUP,
        "several": {"type": "array", "items": GROUP},
        "inside": {"type": "object", "properties": {"owners": GROUP, "name": {"type": "string"}}},
    },
}


def test_groups_are_found_wherever_the_schema_has_them_and_nowhere_else() -> None:
    inputs = {"one": "a", "several": ["b", "c"], "inside": {"owners": "d", "name": "e"}, "other": "f"}
    assert list(groups_named(SCHEMA, inputs)) == ["a", "b", "c", "d"]
    assert asks_groups(SCHEMA)
    assert not asks_groups({"type": "object", "properties": {"name": {"type": "string"}}})


async def test_people_are_named_once_and_a_run_under_way_goes_on_without_a_group_that_is_gone(
    database: Database,
) -> None:
    people = GroupPeople(database, KeptGroups({("p", "a"): ["kim", "lee"], ("p", "b"): ["lee", "ann"]}))
    assert await people.joined("p", ["b", "a"], begun=False) == "lee,ann,kim"
    assert await people.joined("p", [], begun=False) == ""
    with pytest.raises(InvocationFailed, match="no notice group gone"):
        await people.joined("p", ["a", "gone"], begun=False)
    assert await people.joined("p", ["a", "gone"], begun=True) == "kim,lee"
