"""Forty wrong requests at the door of publication: each refused by name, none changing a row."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from kernel.db.database import Database
from tests.support.orchestrator import OrchestratorHouse, flow_of, plugin_node

Change = Callable[[dict[str, Any]], object]
GOOD = flow_of(plugin_node("find", inputs={"ip": "x"}), form={"schema": {"type": "object"}}, outputs={"a": "b"})
_TABLES = ("orchestrator_flow", "orchestrator_flow_revision", "kernel_audit_record")


async def _rows(database: Database) -> list[Any]:
    async with database.reading() as session:
        return [(await session.execute(text(f"SELECT * FROM {table} ORDER BY id"))).all() for table in _TABLES]  # noqa: S608  names from the list above


async def _refused(house: OrchestratorHouse, method: str, path: str, body: bytes, status: int, field: str) -> None:
    before = await _rows(house.database)
    answer = await house.client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["request_id"]
    fields = [error["field"] for error in problem["errors"]]
    assert any(found == field or (found.startswith(field) and found.endswith("…")) for found in fields), problem
    assert await _rows(house.database) == before


def _node(definition: dict[str, Any], **change: Any) -> None:
    definition["nodes"][1].update(change)


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(lambda d: d.pop("nodes"), "definition.nodes", id="no nodes"),
        pytest.param(lambda d: d.update(nodes={}), "definition.nodes", id="nodes no list"),
        pytest.param(lambda d: d.update(nodes=None), "definition.nodes", id="nodes null"),
        pytest.param(
            lambda d: d.update(nodes=[{"id": "a", "kind": "end"}] * 10_001), "definition.nodes", id="10,001 nodes"
        ),
        pytest.param(lambda d: d.pop("edges"), "definition.edges", id="no edges"),
        pytest.param(lambda d: d.update(edges="e"), "definition.edges", id="edges a text"),
        pytest.param(lambda d: d.update(edges=[{}] * 20_001), "definition.edges", id="20,001 edges"),
        pytest.param(lambda d: d["nodes"].append(None), "definition.nodes[3]", id="a null node"),
        pytest.param(lambda d: d["nodes"].append([]), "definition.nodes[3]", id="a list as node"),
        pytest.param(lambda d: _node(d, kind="loop"), "definition.nodes[1].kind", id="unknown kind"),
        pytest.param(lambda d: _node(d, kind=["plugin"]), "definition.nodes[1].kind", id="kind a list"),
        pytest.param(lambda d: _node(d, kind={"a": 1}), "definition.nodes[1].kind", id="kind an object"),
        pytest.param(lambda d: _node(d, id=7), "definition.nodes[1].id", id="id a number"),
        pytest.param(lambda d: _node(d, id=""), "definition.nodes[1].id", id="empty id"),
        pytest.param(lambda d: _node(d, name="n" * 201), "definition.nodes[1].name", id="long name"),
        pytest.param(lambda d: _node(d, plugin=None), "definition.nodes[1].plugin", id="plugin null"),
        pytest.param(lambda d: _node(d, version=1.0), "definition.nodes[1].version", id="version a number"),
        pytest.param(lambda d: _node(d, inputs=[]), "definition.nodes[1].inputs", id="inputs a list"),
        pytest.param(lambda d: _node(d, retryable=1), "definition.nodes[1].retryable", id="flag a number"),
        pytest.param(lambda d: _node(d, timeout=5), "definition.nodes[1].timeout", id="unknown member"),
        pytest.param(lambda d: _node(d, inputs={"ip": _deep(80)}), "definition.nodes[1].inputs.ip", id="80 deep"),
        pytest.param(lambda d: _node(d, inputs={"ip": "\x00"}), "definition.nodes[1].inputs.ip", id="NUL"),
        pytest.param(lambda d: _node(d, name="\ud800"), "definition.nodes[1].name", id="half a surrogate pair"),
        pytest.param(lambda d: d["edges"].append(7), "definition.edges[2]", id="edge a number"),
        pytest.param(lambda d: d["edges"][0].pop("source"), "definition.edges[0].source", id="no source"),
        pytest.param(lambda d: d["edges"][0].update(target=["end"]), "definition.edges[0].target", id="target a list"),
        pytest.param(
            lambda d: d["edges"][0].update(condition=True), "definition.edges[0].condition", id="condition no text"
        ),
        pytest.param(lambda d: d["edges"][0].update(default="no"), "definition.edges[0].default", id="default a text"),
        pytest.param(lambda d: d.update(form=[]), "definition.form", id="form a list"),
        pytest.param(lambda d: d.update(form={"schema": "x"}), "definition.form.schema", id="schema a text"),
        pytest.param(lambda d: d.update(outputs=["a"]), "definition.outputs", id="outputs a list"),
        pytest.param(lambda d: d.update(layout=True), "definition.layout", id="layout a flag"),
        pytest.param(lambda d: d.update({"variables": {}}), "definition.variables", id="unknown part"),
    ],
)
async def test_an_unreadable_definition_is_refused_by_field(
    house: OrchestratorHouse, change: Change, field: str
) -> None:
    flow = await house.make_flow(GOOD)
    definition = copy.deepcopy(GOOD)
    change(definition)
    body = json.dumps({"definition": definition, "draft_version": 2}).encode()
    await _refused(house, "PUT", f"/flows/{flow}/draft", body, 422, field)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        pytest.param(b"", 422, "body", id="nothing"),
        pytest.param(b"{", 400, "body", id="no JSON"),
        pytest.param(b"\xff\xfe", 400, "body", id="no UTF-8"),
        pytest.param(b"[]", 422, "body", id="a list"),
        pytest.param(b'{"definition": {}}', 422, "draft_version", id="no version"),
        pytest.param(b'{"draft_version": 2}', 422, "definition", id="no definition"),
        pytest.param(b'{"definition": null, "draft_version": 2}', 422, "definition", id="definition null"),
        pytest.param(b'{"definition": "x", "draft_version": 2}', 422, "definition", id="definition a text"),
        pytest.param(b'{"definition": [], "draft_version": 2}', 422, "definition", id="definition a list"),
        pytest.param(b'{"definition": {}, "draft_version": "2"}', 422, "draft_version", id="version a text"),
        pytest.param(b'{"definition": {}, "draft_version": -1}', 422, "draft_version", id="version negative"),
        pytest.param(b'{"definition": {}, "draft_version": 1e30}', 422, "draft_version", id="version huge"),
        pytest.param(b'{"definition": {}, "draft_version": 99999999999999999999}', 422, "draft_version", id="64 bit"),
        pytest.param(b'{"definition": NaN, "draft_version": 2}', 400, "body", id="NaN"),
        pytest.param(b'{"definition": {}, "draft_version": 2, "force": true}', 422, "force", id="unknown member"),
        pytest.param(
            b'{"draft_version": 2, "definition": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            422,
            "definition",
            id="10,000 deep",
        ),
        pytest.param(b'{"definition": "' + b"x" * 11_000_000 + b'"}', 413, "body", id="11 MB"),
    ],
)
async def test_a_wrong_body_of_a_draft_is_refused(
    house: OrchestratorHouse, body: bytes, status: int, field: str
) -> None:
    flow = await house.make_flow(GOOD)
    await _refused(house, "PUT", f"/flows/{flow}/draft", body, status, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"comment": 7}', "comment"),
        (b'{"comment": "' + b"x" * 2_001 + b'"}', "comment"),
        (b'{"draft_version": "1"}', "draft_version"),
        (b'{"number": 7}', "number"),
        (b'"now"', "body"),
    ],
)
async def test_a_wrong_publication_is_refused(house: OrchestratorHouse, body: bytes, field: str) -> None:
    flow = await house.make_flow(GOOD)
    await _refused(house, "POST", f"/flows/{flow}:publish", body, 422, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "name"),
        (b'{"name": ""}', "name"),
        (b'{"name": "  "}', "name"),
        (b'{"name": 7}', "name"),
        (b'{"name": "x\\u0000"}', "name"),
        (b'{"name": "' + b"x" * 201 + b'"}', "name"),
        (b'{"name": "x", "description": null}', "description"),
        (b'{"name": "x", "id": "mine"}', "id"),
    ],
)
async def test_a_wrong_new_flow_is_refused(house: OrchestratorHouse, body: bytes, field: str) -> None:
    await _refused(house, "POST", "/projects/shop/flows", body, 422, field)


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=%00", "cursor=AA==", "cursor=é"])
async def test_a_wrong_page_is_refused(house: OrchestratorHouse, query: str) -> None:
    await _refused(house, "GET", f"/projects/shop/flows?{query}", b"", 422, query.partition("=")[0])


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
async def test_a_wrong_revision_number_is_refused(house: OrchestratorHouse, number: str) -> None:
    flow = await house.make_flow(GOOD)
    await _refused(house, "GET", f"/flows/{flow}/revisions/{number}", b"", 422, "number")
