import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.flow.difference import Change, Difference, FieldChange, PartChange, compare, overlay
from tests.support.orchestrator import flow_of, plugin_node

_NAMES = st.sampled_from(["a", "b", "c", "x/y", "m~n", "~1"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 1) | st.sampled_from(["", "1", "${a}"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.dictionaries(_NAMES, _VALUES, max_size=3)


def _parts() -> st.SearchStrategy[list[dict[str, Any]]]:
    parts = st.dictionaries(st.sampled_from(["p", "q", "r"]), _FIELDS, max_size=3)
    return parts.map(lambda found: [{**fields, "id": name} for name, fields in found.items()])


_DEFINITIONS = st.fixed_dictionaries(
    {"nodes": _parts(), "edges": _parts()}, optional={"form": _FIELDS, "outputs": _FIELDS}
)


@settings(max_examples=40)
@given(_DEFINITIONS, _DEFINITIONS)
def test_what_is_told_makes_the_one_of_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert _canonical(_made(before, compare(before, after), after)) == _canonical(after)


@settings(max_examples=40)
@given(_DEFINITIONS, _DEFINITIONS)
def test_backwards_everything_is_told_the_other_way_round(before: dict[str, Any], after: dict[str, Any]) -> None:
    there, back = compare(before, after), compare(after, before)
    assert [_turned(part) for part in there.nodes + there.edges] == list(back.nodes + back.edges)
    assert [_turned_field(field) for field in there.fields] == list(back.fields)


@settings(max_examples=40)
@given(_DEFINITIONS)
def test_nothing_is_different_from_itself_in_whatever_order(definition: dict[str, Any]) -> None:
    turned = {**definition, "nodes": definition["nodes"][::-1], "edges": definition["edges"][::-1]}
    assert compare(definition, turned) == Difference((), (), (), ())


@settings(max_examples=40)
@given(_DEFINITIONS, _DEFINITIONS)
def test_the_picture_has_every_part_of_both_once(before: dict[str, Any], after: dict[str, Any]) -> None:
    picture = overlay(before, after)
    for part in ("nodes", "edges"):
        ids = [each["id"] for each in picture[part]]
        assert sorted(ids) == sorted({each["id"] for each in before[part] + after[part]})


def test_a_change_names_the_field_with_what_was_and_what_is() -> None:
    before = flow_of(plugin_node("find", inputs={"ip": "10.0.0.1", "on": 1}), layout={"find": {"x": 1, "y": 1}})
    after = flow_of(
        plugin_node("find", version="2.0.0", inputs={"ip": "${inputs.ip}", "on": True}),
        plugin_node("mend"),
        layout={"find": {"x": 2, "y": 1}},
    )
    found = compare(before, after)
    assert found.nodes == (
        PartChange(
            "find",
            Change.CHANGED,
            (
                FieldChange("/inputs/ip", Change.CHANGED, "10.0.0.1", "${inputs.ip}"),
                FieldChange("/inputs/on", Change.CHANGED, 1, after=True),
                FieldChange("/version", Change.CHANGED, "1.0.0", "2.0.0"),
            ),
        ),
        PartChange("mend", Change.ADDED),
    )
    assert [(edge.id, edge.change) for edge in found.edges] == [("e1", Change.CHANGED), ("e2", Change.ADDED)]
    assert found.moved == ("find",)


def test_an_id_that_a_draft_has_twice_is_told_twice() -> None:
    before, after = flow_of(plugin_node("find")), flow_of(plugin_node("find"), plugin_node("find"))
    assert [part.change for part in compare(before, after).nodes] == [Change.ADDED]


def _made(before: dict[str, Any], told: Difference, after: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in before.items() if name not in {"nodes", "edges"}}
    made = _with_fields(rest, told.fields)
    made["nodes"] = _with_parts(before["nodes"], told.nodes, after["nodes"])
    made["edges"] = _with_parts(before["edges"], told.edges, after["edges"])
    return made


def _with_parts(
    before: list[dict[str, Any]], told: Sequence[PartChange], after: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    made = {part["id"]: part for part in before}
    for change in told:
        if change.change is Change.REMOVED:
            del made[change.id]
        elif change.change is Change.ADDED:
            made[change.id] = next(part for part in after if part["id"] == change.id)
        else:
            made[change.id] = _with_fields(made[change.id], change.fields)
    return list(made.values())


def _with_fields(part: dict[str, Any], told: Sequence[FieldChange]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(part))
    for change in told:
        *outer, last = (name.replace("~1", "/").replace("~0", "~") for name in change.field.split("/")[1:])
        inside = made
        for name in outer:
            inside = inside[name]
        if change.change is Change.REMOVED:
            del inside[last]
        else:
            inside[last] = change.after
    return made


def _canonical(definition: dict[str, Any]) -> str:
    ordered = {part: sorted(definition[part], key=lambda each: str(each["id"])) for part in ("nodes", "edges")}
    return json.dumps({**definition, **ordered}, sort_keys=True)


def _turned(part: PartChange) -> PartChange:
    return PartChange(part.id, _other_way(part.change), tuple(_turned_field(field) for field in part.fields))


def _turned_field(field: FieldChange) -> FieldChange:
    return FieldChange(field.field, _other_way(field.change), field.after, field.before)


def _other_way(change: Change) -> Change:
    return {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}.get(change, change)
