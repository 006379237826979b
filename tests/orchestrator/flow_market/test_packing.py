from typing import Any

import pytest

from orchestrator.flow_market.packing import Inner, pack, range_of
from orchestrator.flow_market.unpacking import PackedDefinitions, definitions_of, in_project, nobody_named
from tests.support.orchestrator import flow_of, plugin_node


def _composed() -> dict[str, Any]:
    """A flow that runs another inside, which runs a third."""
    third = flow_of(plugin_node("look", "find", "1.3.0"))
    second = flow_of({"id": "in", "kind": "subflow", "flow": "c" * 32, "revision": 4})
    first = flow_of(
        plugin_node("look", "find", "1.2.0", inputs={"pin": "vault-pin", "ip": "${inputs.ip}"}),
        {"id": "may", "kind": "approval", "name": "May it?", "message": "?", "approvers": ["ada", "${inputs.boss}"]},
        {
            "id": "tell",
            "kind": "notify",
            "title": "t",
            "content": "c",
            "people": ["ada"],
            "groups": ["ops"],
            "executor": "ada",
        },
        {"id": "in", "kind": "subflow", "flow": "b" * 32, "revision": 2},
        executor="ada",
    )
    return {**first, "subflows": {f"{'b' * 32}@2": second, f"{'c' * 32}@4": third}}


_INSIDE = {f"{'b' * 32}@2": Inner("Second", ""), f"{'c' * 32}@4": Inner("Third", "the last")}
_SECRETS = {("find", "1.2.0"): frozenset({"pin"})}


def test_a_package_holds_no_people_and_no_ids_and_says_what_it_needs() -> None:
    packed = pack(_composed(), _INSIDE, _SECRETS)
    assert packed.plugins == {"find": ">=1.2.0 <2.0.0"}
    assert (packed.secrets, packed.people) == (("vault-pin",), ("May it?", "tell"))
    nodes = {node["id"]: node for node in packed.document["definition"]["nodes"]}
    assert nodes["may"]["approvers"] == ["${inputs.boss}"]
    assert "people" not in nodes["tell"]
    assert "groups" not in nodes["tell"]
    assert nodes["in"] == {"id": "in", "kind": "subflow", "flow": "flow-1"}
    assert {name: part["name"] for name, part in packed.document["flows"].items()} == {
        "flow-1": "Second", "flow-2": "Third",
    }  # fmt: skip
    assert "b" * 32 not in str(packed.document)
    assert "ada" not in str(packed.document)
    assert nobody_named(packed.document) == ["tell"]
    assert PackedDefinitions().problems(packed.document) == []


def test_flows_inside_come_first_and_are_named_as_the_project_has_them() -> None:
    document = pack(_composed(), _INSIDE, _SECRETS).document
    parts = definitions_of(document)
    assert list(parts) == ["flow-2", "flow-1", ""]
    placed = in_project(parts[""], {"flow-1": "f" * 32}, lambda code, version: f"{code}-{version}")
    nodes = {node["id"]: node for node in placed["nodes"]}
    assert (nodes["in"]["flow"], nodes["look"]["version"]) == ("f" * 32, "find-1.2.0")


@pytest.mark.parametrize(
    ("versions", "said"),
    [(["1.2.0"], ">=1.2.0 <2.0.0"), (["2.0.0", "1.9.1"], ">=1.9.1 <3.0.0"), (["0.3.1"], ">=0.3.1 <0.4.0")],
)
def test_a_range_ends_where_the_next_version_may_break(versions: list[str], said: str) -> None:
    assert range_of(versions) == said


def test_what_can_not_be_read_or_runs_itself_is_told_by_its_place() -> None:
    good = flow_of(plugin_node("a"))
    circle = flow_of({"id": "in", "kind": "subflow", "flow": "x"})
    broken = {**good, "nodes": [*good["nodes"], {"id": "odd", "kind": "nothing"}]}
    inside = {"x": {"name": "X", "definition": broken}}
    (problem, *_) = PackedDefinitions().problems({"definition": good, "flows": inside})
    assert problem.field.startswith("flow.json: flows.x.definition")
    inside = {"x": {"name": "X", "definition": circle}}
    (problem,) = PackedDefinitions().problems({"definition": circle, "flows": inside})
    assert "runs itself" in problem.problem
    deep = {f"x{n}": {"name": "X", "definition": _runs(f"x{n + 1}")} for n in range(30)}
    (problem,) = PackedDefinitions().problems(
        {"definition": _runs("x0"), "flows": {**deep, "x30": {"definition": good}}}
    )
    assert "deeper than 20" in problem.problem


def _runs(name: str) -> dict[str, Any]:
    return flow_of({"id": "in", "kind": "subflow", "flow": name})
