"""What a schema changes at any depth, held to what a validator says of values."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from marketplace.package.change import Step
from marketplace.package.schema_changes import changes_of_given, changes_of_taken

HOST: dict[str, Any] = {
    "type": "object",
    "title": "Host",
    "properties": {"ip": {"type": "string", "title": "Address"}, "port": {"type": "integer", "maximum": 100}},
    "required": ["ip"],
}
HOSTS = {"type": "array", "items": HOST}


def inputs(schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"hosts": schema}, **more}


def host(**changed: Any) -> dict[str, Any]:
    return {**HOST, **changed}


def port(**limits: Any) -> dict[str, Any]:
    return host(properties={**HOST["properties"], "port": {"type": "integer", **limits}})


@pytest.mark.parametrize(
    ("before", "after", "place", "step"),
    [
        (HOST, port(maximum=9), "inputs.hosts.port", Step.MAJOR),
        (HOST, port(maximum=999), "inputs.hosts.port", Step.MINOR),
        (HOST, port(maximum=100, default=1), "inputs.hosts.port", Step.MINOR),
        (HOST, host(required=["ip", "port"]), "inputs.hosts.port", Step.MAJOR),
        (HOST, host(required=[]), "inputs.hosts.ip", Step.MINOR),
        (HOST, host(properties={"ip": HOST["properties"]["ip"]}), "inputs.hosts.port", Step.MAJOR),
        (HOST, host(properties={**HOST["properties"], "note": {}}), "inputs.hosts.note", Step.MINOR),
        (HOST, host(additionalProperties=False), "inputs.hosts", Step.MAJOR),
        (HOSTS, {**HOSTS, "items": port(maximum=9)}, "inputs.hosts[].port", Step.MAJOR),
        (HOSTS, {**HOSTS, "items": host(type="string")}, "inputs.hosts[]", Step.MAJOR),
        (
            {"additionalProperties": {"maxLength": 9}},
            {"additionalProperties": {"maxLength": 5}},
            "inputs.hosts.*",
            Step.MAJOR,
        ),
        ({"additionalProperties": False}, {"additionalProperties": {"type": "string"}}, "inputs.hosts", Step.MINOR),
        ({"additionalProperties": {"type": "string"}}, {"additionalProperties": False}, "inputs.hosts", Step.MAJOR),
        ({"anyOf": [HOST, {"type": "null"}]}, {"anyOf": [HOST]}, "inputs.hosts", Step.MAJOR),
        ({"anyOf": [HOST, {"type": "null"}]}, {"anyOf": [port(), {"type": "null"}]}, "inputs.hosts.port", Step.MINOR),
        ({"oneOf": [{"maxLength": 1}]}, {"oneOf": [{"maxLength": 2}]}, "inputs.hosts", Step.MAJOR),
    ],
)
def test_what_changes_inside_is_told_where_it_is(before: Any, after: Any, place: str, step: Step) -> None:
    (change,) = changes_of_given(inputs(before), inputs(after), "inputs")
    assert (change.place, change.step) == (place, step)


def test_what_a_reference_stands_for_is_compared() -> None:
    def asking(defined: Any, where: str) -> dict[str, Any]:
        return inputs({"type": "array", "items": {"$ref": f"#/{where}/Host"}}, **{where: {"Host": defined}})

    (change,) = changes_of_given(asking(HOST, "definitions"), asking(port(maximum=9), "definitions"), "inputs")
    assert (change.place, change.step) == ("inputs.hosts[].port", Step.MAJOR)
    assert list(changes_of_given(asking(HOST, "definitions"), asking(HOST, "$defs"), "inputs")) == []


def test_a_schema_that_refers_to_itself_is_compared_once() -> None:
    def tree(**leaf: Any) -> dict[str, Any]:
        children = {"type": "array", "items": {"$ref": "#/$defs/Node"}}
        node = {"type": "object", "properties": {"name": {"type": "string", **leaf}, "children": children}}
        return inputs({"$ref": "#/$defs/Node"}, **{"$defs": {"Node": node}})

    (change,) = changes_of_given(tree(), tree(maxLength=3), "inputs")
    assert change.place == "inputs.hosts.name"


def test_what_a_plugin_gives_may_lose_nothing_at_any_depth_and_be_held_to_other_limits() -> None:
    lost = host(properties={"ip": HOST["properties"]["ip"]})
    (change,) = changes_of_taken(inputs(HOSTS), inputs({**HOSTS, "items": lost}), "outputs")
    assert (change.place, change.step) == ("outputs.hosts[].port", Step.MAJOR)
    assert list(changes_of_taken(inputs(HOST), inputs(port(maximum=9)), "outputs")) == []
    assert list(changes_of_taken(inputs(HOST), inputs(host(required=["port"])), "outputs")) == []


TEXTS = st.text("abc", max_size=4)
LEAVES = st.one_of(
    st.fixed_dictionaries({"type": st.just("string")}, optional={"maxLength": st.integers(0, 5), "title": TEXTS}),
    st.fixed_dictionaries(
        {"type": st.just("integer")}, optional={"minimum": st.integers(-5, 5), "default": st.just(0)}
    ),
    st.builds(lambda values: {"enum": values}, st.lists(st.sampled_from(["a", "b", 1, 2]), min_size=1, unique=True)),
)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda members, required: {
            "type": "object",
            "properties": members,
            "required": [name for name in required if name in members],
            "additionalProperties": False,
        },
        st.dictionaries(st.sampled_from("pqr"), inner, min_size=1, max_size=3),
        st.sets(st.sampled_from("pqr")).map(sorted),
    )


SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        _objects(inner),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda either: {"anyOf": either}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=6,
)
WHOLE = _objects(SCHEMAS)


def _inside(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all those inside it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for each in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from _inside(each)


def _value(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    """One that a schema takes, mostly."""
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    if "anyOf" in schema:
        return _value(draw, draw(st.sampled_from(schema["anyOf"])))
    kind = schema["type"]
    if kind == "object":
        names = [name for name in schema["properties"] if name in schema["required"] or draw(st.booleans())]
        return {name: _value(draw, schema["properties"][name]) for name in names}
    if kind == "array":
        return [_value(draw, schema["items"]) for _ in range(draw(st.integers(0, 2)))]
    if kind == "string":
        return draw(st.text("abc", max_size=schema.get("maxLength", 6)))
    return draw(st.integers(schema.get("minimum", -9), 9))


@st.composite
def _changed(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """A schema, one with something else somewhere, and a value that the first takes."""
    before = draw(WHOLE)
    after = copy.deepcopy(before)
    for _ in range(draw(st.integers(1, 2))):
        target = draw(st.sampled_from(list(_inside(after))))
        other = draw(st.one_of(LEAVES, WHOLE))
        names = sorted((set(target) | set(other)) - {"type"})
        name = draw(st.sampled_from(names)) if names else "title"
        how = draw(st.sampled_from(["take", "drop", "title", "replace"]))
        if how == "replace" or (how == "take" and target.get("type") != other.get("type")):
            if target is not after:
                target.clear()
                target.update(other)
        elif how == "take" and name in other:
            target[name] = other[name]
        elif how == "drop" and name not in {"properties", "items", "anyOf", "enum", "required", "additionalProperties"}:
            target.pop(name, None)
        else:
            target["title"] = "Another"
    return before, after, _value(draw, before)


@given(_changed())
def test_what_takes_less_than_before_breaks(case: tuple[dict[str, Any], dict[str, Any], Any]) -> None:
    before, after, value = case
    assert Draft202012Validator(before).is_valid(value)
    found = list(changes_of_given(before, after, "inputs"))
    if not Draft202012Validator(after).is_valid(value):
        assert Step.MAJOR in {change.step for change in found}, "a value that was taken is taken no more"


@given(WHOLE, TEXTS)
def test_texts_that_are_read_alone_change_nothing(schema: dict[str, Any], text: str) -> None:
    told = copy.deepcopy(schema)
    for each in _inside(told):
        each.update(title=text, description=text, examples=[text])
    for compare in (changes_of_given, changes_of_taken):
        assert list(compare(schema, told, "inputs")) == []
