"""Components by form: what is put is what is released, what can't be served is refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.schemas import NamedComponent
from kernel.audit.models import AuditRecord
from tests.support.management import Management, document

FULL: dict[str, Any] = {
    "method": "POST",
    "path": "/hosts/{host_id}/move",
    "title": "Move a host",
    "description": "Moves it.",
    "scopes": ["cmdb:write"],
    "is_read": False,
    "parameters": [
        {"name": "host_id", "in": "path", "required": True, "schema": {"type": "integer"}, "description": ""},
        {"name": "dry", "in": "query", "required": False, "schema": {"type": "boolean"}, "description": "Only look"},
    ],
    "body_schema": {"type": "object", "properties": {"to": {"$ref": "#/$defs/Room"}}, "$defs": {"Room": {}}},
    "response_schema": {"type": "object"},
    "match_subpath": True,
    "enable_websocket": True,
    "upstream": "second",
    "upstream_method": "PUT",
    "upstream_path": "/{env.base}/rooms/{room}",
    "mapping": [
        {"to": {"in": "path", "name": "room"}, "from": {"in": "body", "name": "to.room"}},
        {"to": {"in": "body", "name": "id", "type": "integer"}, "from": {"in": "path", "name": "host_id"}},
        {"to": {"in": "header", "name": "X-Region"}, "from": {"variable": "region"}, "required": True},
    ],
    "timeout": 12.5,
    "mock": {"status": 202, "headers": {"x-kind": "mock"}, "body": "{}"},
    "policies": [{"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 60, "tokens": 10}]}}}],
    "app_required": False,
    "user_required": True,
    "grant_required": False,
    "is_public": False,
    "allow_apply": False,
    "labels": ["hosts"],
    "texts": {"zh": {"title": "移动主机", "doc": "# 移动"}, "en": {"title": "Move"}},
    "samples": [
        {
            "name": "one",
            "request": {
                "path": {"host_id": "7"},
                "query": {"dry": "true"},
                "headers": {},
                "body": {"to": {"room": "A"}},
            },
            "expect": {"status": 200, "json": {"result": True}},
        }
    ],
}


async def test_what_is_put_is_what_is_got_and_what_is_left_out_is_usual(management: Management) -> None:
    await management.import_system(document())
    put = await management.client.put("/v1/systems/cmdb/draft/components/move", json=FULL)
    assert put.status_code == 200, put.text
    got = (await management.client.get("/v1/systems/cmdb/draft/components/move")).json()
    assert got == put.json()
    assert got["component"] == FULL
    assert (got["name"], got["updated_by"]) == ("move", "admin")
    small = await management.client.put(
        "/v1/systems/cmdb/draft/components/look", json={"method": "GET", "path": "/look"}
    )
    assert small.json()["component"] == {
        "method": "GET",
        "path": "/look",
        "title": "",
        "description": "",
        "scopes": ["cmdb:read"],
        "is_read": True,
        "parameters": [],
        "body_schema": None,
        "response_schema": None,
    }
    listed = (await management.client.get("/v1/systems/cmdb/draft/components?limit=3")).json()
    rest = (await management.client.get("/v1/systems/cmdb/draft/components", params={"cursor": listed["next"]})).json()
    names = [item["name"] for item in listed["items"] + rest["items"]]
    assert names == ["list_hosts", "create_host", "get_host", "move", "look"]


async def test_members_are_changed_one_by_one_and_null_makes_them_usual(management: Management) -> None:
    await management.import_system(document())
    await management.client.put("/v1/systems/cmdb/draft/components/move", json=FULL)
    changed = await management.client.patch(
        "/v1/systems/cmdb/draft/components/move", json={"timeout": None, "labels": ["a"], "mock": None}
    )
    assert changed.status_code == 200, changed.text
    left = {name: value for name, value in FULL.items() if name not in ("timeout", "mock")}
    assert changed.json()["component"] == left | {"labels": ["a"]}
    wrong = await management.client.patch("/v1/systems/cmdb/draft/components/move", json={"timeout": -1})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "timeout")
    missing = await management.client.patch("/v1/systems/cmdb/draft/components/none", json={})
    assert missing.status_code == 404


async def test_a_removed_component_is_gone_from_the_draft_and_still_served(management: Management) -> None:
    await management.import_system(document())
    gone = await management.client.delete("/v1/systems/cmdb/draft/components/get_host")
    assert gone.status_code == 204
    assert (await management.client.get("/v1/systems/cmdb/draft/components/get_host")).status_code == 404
    assert (await management.client.delete("/v1/systems/cmdb/draft/components/get_host")).status_code == 404
    assert "get_host" in management.holder.current.systems["cmdb"].stages["prod"].components


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "TRACE"}, "method"),
        ({"path": "hosts"}, "path"),
        ({"path": "/a/../b"}, "path"),
        ({"path": "/a/{b"}, "path"),
        ({"colour": "red"}, "colour"),
        ({"scopes": ["job:write"]}, "scopes"),
        ({"scopes": ["cmdb:a b"]}, "scopes"),
        ({"upstream": "Not A Name"}, "upstream"),
        ({"upstream_method": "ANY"}, "upstream_method"),
        ({"upstream_path": "/x/{nothing}"}, "upstream_path"),
        ({"timeout": 0}, "timeout"),
        ({"mapping": [{}]}, "mapping[0]"),
        ({"mapping": [{"to": {"in": "cookie", "name": "a"}, "from": {"constant": 1}}]}, "mapping[0].to"),
        ({"mapping": [{"to": {"in": "header", "name": "Host"}, "from": {"constant": 1}}]}, "mapping[0].to.name"),
        (
            {"mapping": [{"to": {"in": "header", "name": "X_Trunkline_User"}, "from": {"constant": 1}}]},
            "mapping[0].to.name",
        ),
        (
            {"mapping": [{"to": {"in": "query", "name": "a"}, "from": {"in": "header", "name": "authorization"}}]},
            "mapping[0].from.name",
        ),
        (
            {"mapping": [{"to": {"in": "query", "name": "a"}, "from": {"in": "path", "name": "nothing"}}]},
            "mapping[0].from.name",
        ),
        (
            {
                "mapping": [
                    {"to": {"in": "body", "name": "a.b"}, "from": {"constant": 1}},
                    {"to": {"in": "body", "name": "a"}, "from": {"constant": 1}},
                ]
            },
            "mapping[1].to",
        ),
        ({"mock": {"status": 199}}, "mock.status"),
        ({"mock": {"headers": {"x-trunkline-app": "a"}}}, "mock.headers"),
        ({"policies": [{"kind": "nothing"}]}, "policies.0.kind"),
        ({"policies": [{"kind": "mock", "config": {}}]}, "policies"),
        ({"body_schema": {"type": "strin"}}, "body_schema/type"),
        ({"body_schema": {"$ref": "https://example.com/x"}}, "body_schema/$ref"),
        ({"parameters": [{"name": "a", "in": "body"}]}, "parameters.0.in"),
        ({"parameters": [{"name": "other", "in": "path"}]}, "parameters"),
        ({"texts": {"fr": {}}}, "texts.fr.[key]"),
        ({"samples": [{"name": "a", "request": {}, "expect": {"status": 99}}]}, "samples.0.expect.status"),
        *(
            ({"samples": [{"name": "a", "request": {"headers": headers}, "expect": {}}]}, "samples.0.request.headers")
            for headers in ({"x-a": "中"}, {"x-a": "b\r\nc: d"}, {"x a": "b"})
        ),
    ],
)
async def test_what_cannot_be_served_is_refused_by_name(
    management: Management, change: dict[str, Any], field: str
) -> None:
    await management.import_system(document())
    body = {"method": "POST", "path": "/new", **change}
    answer = await management.client.put("/v1/systems/cmdb/draft/components/new", json=body)
    assert answer.status_code == 422, answer.text
    fields = [error["field"] for error in answer.json()["errors"]]
    assert any(each.startswith(field) for each in fields), fields
    assert (await management.client.get("/v1/systems/cmdb/draft/components/new")).status_code == 404


async def test_one_address_belongs_to_one_component(management: Management) -> None:
    await management.import_system(document())
    answer = await management.client.put(
        "/v1/systems/cmdb/draft/components/other", json={"method": "GET", "path": "/hosts/{any_name}"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "path")


async def test_only_those_who_manage_the_system_see_and_change_its_draft(management: Management) -> None:
    await management.import_system(document(), owner=None)
    ann = await management.person("ann")
    body = {"method": "GET", "path": "/new"}
    assert (await ann.put("/v1/systems/cmdb/draft/components/new", json=body)).status_code == 403
    assert (await ann.get("/v1/systems/cmdb/draft/components")).status_code == 403
    assert (await ann.delete("/v1/systems/cmdb/draft/components/get_host")).status_code == 403
    await management.import_system(document(), owner="ann")
    assert (await ann.put("/v1/systems/cmdb/draft/components/new", json=body)).status_code == 200
    assert (await ann.put("/v1/systems/none/draft/components/new", json=body)).status_code == 404


async def test_changes_are_on_record_without_what_people_tried(management: Management) -> None:
    await management.import_system(document())
    for change in ({}, {}, {"timeout": 3}):
        await management.client.put("/v1/systems/cmdb/draft/components/move", json=FULL | change)
    await management.client.delete("/v1/systems/cmdb/draft/components/move")
    async with management.kernel.database.reading() as session:
        statement = select(AuditRecord).where(AuditRecord.action.startswith("draft.component")).order_by(AuditRecord.id)
        records = list((await session.execute(statement)).scalars())
    assert [each.action for each in records] == [
        "draft.component_added",
        "draft.component_changed",
        "draft.component_removed",
    ]
    assert (records[1].before or {})["timeout"] == 12.5
    assert (records[1].after or {})["timeout"] == 3
    assert all("samples" not in (each.before or {}) | (each.after or {}) for each in records)


async def test_an_import_keeps_what_the_document_does_not_speak_of(management: Management) -> None:
    await management.import_system(document())
    change = {"timeout": 3, "policies": FULL["policies"], "title": "Mine"}
    await management.client.patch("/v1/systems/cmdb/draft/components/list_hosts", json=change)
    answer = (await management.import_system(document())).json()
    assert answer["release"] == "1.1.0"
    draft = (await management.client.get("/v1/systems/cmdb/draft/components/list_hosts")).json()["component"]
    assert (draft["timeout"], draft["policies"], draft["title"]) == (3, FULL["policies"], "List hosts")
    route = management.holder.current.systems["cmdb"].stages["prod"].components["list_hosts"]
    assert (route.timeout, set(route.policies)) == (3, {"rate-limit"})


async def test_what_is_not_public_or_not_to_be_applied_for_is_the_owners_alone(management: Management) -> None:
    await management.import_system(document(), owner="admin")
    await management.client.patch("/v1/systems/cmdb/draft/components/get_host", json={"is_public": False})
    await management.client.patch("/v1/systems/cmdb/draft/components/list_hosts", json={"allow_apply": False})
    await management.import_system(document())
    ann = await management.person("ann")
    await ann.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})
    seen = [each["name"] for each in (await ann.get("/v1/systems/cmdb/components")).json()["items"]]
    assert seen == ["list_hosts", "create_host"]
    assert (await ann.get("/v1/systems/cmdb/components/get_host")).status_code == 404
    assert len((await management.client.get("/v1/systems/cmdb/components")).json()["items"]) == 3
    order = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts"], "days": 180}
    refused = await ann.post("/v1/grants", json=order)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert (await ann.post("/v1/grants", json=order | {"components": ["create_host"]})).status_code == 201
    assert (await management.client.post("/v1/grants", json=order)).status_code == 201


def test_a_definition_reads_back_from_its_document() -> None:
    definition = NamedComponent(name="move", **FULL).definition("cmdb", "move")
    assert definition.document() == {"name": "move"} | FULL
    again = NamedComponent.model_validate(definition.document()).definition("cmdb", "move")
    assert again == definition


_NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True)


@given(labels=st.lists(_NAMES, max_size=3), timeout=st.none() | st.floats(0.05, 3600), sub=st.booleans())
def test_equal_documents_are_equal_definitions(labels: list[str], timeout: float | None, *, sub: bool) -> None:
    one = ComponentDefinition("a", "GET", "/a", labels=tuple(labels), timeout=timeout, match_subpath=sub)
    document = {name: value for name, value in one.document().items() if name != "scopes"}
    again = NamedComponent.model_validate(document).definition("cmdb", "a")
    assert (again.labels, again.timeout, again.match_subpath) == (one.labels, one.timeout, one.match_subpath)
