"""Exports and YAML of Standard OPS."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.flow.blueking.archive import NoArchive, SavedScheme, Template, read_archive, write_archive
from orchestrator.flow.blueking.export.tree import export_tree
from orchestrator.flow.blueking.export.yaml_flow import write_yaml_flow
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.tree import convert_tree
from orchestrator.flow.blueking.yaml_flow import is_yaml_flow, read_yaml_flow
from orchestrator.flow.document import read_flow, write_flow
from orchestrator.flow.graph import Graph
from orchestrator.validation.rules import Surroundings, validate
from tests.orchestrator.flow.blueking.test_tree import TREES, activity, tree

SCHEME = {"name": "fast", "data": '["a"]'}


def exported(salt: str = "821a11587ea434eb85c2f5327a90ae54") -> str:
    """Two templates, the outer one first, as the sender writes them."""
    outer = tree({"id": "a", "type": "SubProcess", "template_id": "t2", "constants": {}})
    data = {
        "exporter_version": 1,
        "pipeline_template_data": {
            "template": {
                "t1": {
                    "name": "Outer\na/\u200bb",
                    "description": "外",
                    "tree": outer,
                    "schemes": [{}, SCHEME, {**SCHEME, "data": ["b"]}],
                },
                "t2": {"name": "Inner", "tree": tree(activity("sleep_timer", {"bk_timing": "1"}))},
            }
        },
    }
    compact = json.dumps(data, sort_keys=True, separators=(",", ":")).replace("/", "\\/")
    digest = hashlib.md5((compact + salt).encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(json.dumps({"digest": digest, "template_data": data}).encode()).decode()


def test_an_export_is_read_with_the_templates_that_others_run_inside_first() -> None:
    archive = read_archive(exported() + "\n")
    assert [(template.id, template.name, template.schemes) for template in archive.templates] == [
        ("t2", "Inner", ()),
        ("t1", "Outer a/b", (SavedScheme("fast", ("a",)), SavedScheme("fast", ("b",)))),
    ]
    assert archive.intact
    assert read_archive(exported("e5483c1ccde63392bd439775bba6a7ae")).intact
    assert not read_archive(exported("another")).intact


@pytest.mark.parametrize(
    "text", ["", "no base64!", *(base64.b64encode(each).decode() for each in (b"[]", b"{}", b"[" * 100_000))]
)
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(NoArchive):
        read_archive(text)


YAML: dict[str, Any] = {
    "schema_version": "v1",
    "meta": {"id": "flow1", "name": "\u202eCheck", "description": "looks"},
    "spec": {
        "nodes": [
            {"id": "start", "type": "EmptyStartEvent"},
            {
                "id": "wait",
                "type": "ServiceActivity",
                "component": {"code": "sleep_timer", "data": {"bk_timing": {"key": "${secs}", "value": "5"}}},
                "ignore_error": True,
            },
            {
                "id": "how",
                "type": "ExclusiveGateway",
                "next": ["sure", "end"],
                "conditions": {"sure": {"evaluate": "${secs} > 3", "name": "long"}},
                "default_condition": {"next": "end", "name": "short"},
            },
            {"id": "sure", "type": "ServiceActivity", "component": {"code": "pause_node"}, "can_skip": False},
            {"id": "end", "type": "EmptyEndEvent"},
        ],
        "constants": {"${who}": {"name": "Who", "type": "input", "value": "ann"}},
        "outputs": ["${who}"],
    },
}


def test_a_flow_in_yaml_follows_its_order_but_where_it_says_otherwise() -> None:
    assert is_yaml_flow(YAML)
    template = read_yaml_flow(YAML)
    assert (template.name, template.description, template.executor) == ("Check", "looks", "")
    converted = convert_tree(template.tree, Counterparts({}, {}))
    definition = converted.definition
    ways = {(edge["source"], edge["target"]): edge for edge in definition["edges"]}
    assert list(ways) == [("start", "wait"), ("wait", "how"), ("how", "sure"), ("how", "end"), ("sure", "end")]
    assert (ways["how", "sure"]["condition"], ways["how", "end"]["default"]) == ("double(inputs.secs) > 3.0", True)
    nodes = {node["id"]: node for node in definition["nodes"]}
    assert (nodes["wait"]["seconds"], nodes["wait"]["on_failure"]) == ("${inputs.secs}", "ignore")
    assert (nodes["sure"]["kind"], nodes["sure"]["skippable"]) == ("confirm", False)
    assert set(definition["form"]["schema"]["properties"]) == {"secs", "who"}
    assert validate(Graph(read_flow(definition)), Surroundings({})) == []


def test_what_is_exported_is_read_back_as_it_was() -> None:
    inner = tree(activity("sleep_timer", {"bk_timing": "1"}))
    outer = tree({"id": "a", "type": "SubProcess", "template_id": "t2", "constants": {}})
    written = [
        Template("t2", "Inner", "", inner, executor=""),
        Template("t1", "Outer a/b", "外", outer, executor="ann"),
    ]
    archive = read_archive(write_archive(written, datetime(2026, 1, 2, tzinfo=UTC)))
    assert archive.intact
    assert list(archive.templates) == written


@pytest.mark.parametrize("file", TREES, ids=lambda file: file.name.split(".")[0])
def test_yaml_that_is_written_is_read_back_as_the_same_flow(file: Path) -> None:
    def content(read: Mapping[str, Any]) -> dict[str, Any]:
        definition = convert_tree(read, Counterparts({}, {})).definition
        edges = [{**edge, "id": f"{edge['source']}-{edge['target']}"} for edge in definition["edges"]]
        flow = write_flow(read_flow({**definition, "edges": edges, "layout": {}}))
        return {**flow, "nodes": sorted(flow["nodes"], key=_id), "edges": sorted(flow["edges"], key=_id)}

    def _id(part: Mapping[str, Any]) -> str:
        return str(part["id"])

    given = convert_tree(json.loads(file.read_text()), Counterparts({}, {})).definition
    exported = export_tree(given, {}).tree
    template = Template("t", "T", "", exported, executor="ann")
    document = yaml.safe_load(yaml.safe_dump(write_yaml_flow(template), allow_unicode=True))
    assert is_yaml_flow(document)
    assert read_yaml_flow(document).executor == "ann"
    assert content(read_yaml_flow(document).tree) == content(exported)
