"""Plugins as their authors write them in the console. What is read of the database is tried on both kinds elsewhere."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from kernel.contracts.components import ComponentDescription
from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, RENEW, RUN_SCRIPT, manifest_of

SCHEMA = {
    "type": "object",
    "properties": {"ip": {"type": "string"}, "bk-odd": {"type": "string"}, "biz": {"type": "integer", "title": "Biz"}},
    "required": ["ip", "bk-odd"],
}


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "trunkline.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


def _draft(manifest: dict[str, Any], **texts: str) -> dict[str, str]:
    text = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True)
    return {"manifest": text, "readme": "# It\n", "changelog": "## 1.0.0\n", **texts}


async def _check(house: MarketplaceHouse, draft: dict[str, str]) -> dict[str, Any]:
    answer = await house.client.post("/plugin-drafts:check", json=draft)
    assert answer.status_code == 200, answer.text
    checked: dict[str, Any] = answer.json()
    return checked


async def _try(house: MarketplaceHouse, manifest: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = await house.client.post("/plugin-drafts:try", json={"manifest": yaml.safe_dump(manifest), **body})
    assert answer.status_code == 200, answer.text
    tried: dict[str, Any] = answer.json()
    return tried


async def test_a_started_draft_passes_its_checks_and_is_published(house: MarketplaceHouse) -> None:
    house.components.components.append(
        ComponentDescription(
            "cmdb", "find", "POST", "/biz/{area}/find", ("cmdb:read",), is_read=True, request_schema=SCHEMA
        )
    )
    body = {"component": "cmdb.find", "code": "find_it", "publisher": "acme"}
    draft = (await house.client.post("/plugin-drafts:start", json=body)).json()
    checked = await _check(house, draft)
    assert checked["problems"] == []
    assert checked["draft"]["inputs"]["properties"] == {
        "ip": {"title": "Ip", "type": "string"},
        "biz": {"title": "Biz", "type": "integer"},
        "area": {"type": "string", "title": "Area"},
    }
    assert checked["draft"]["inputs"]["required"] == ["area", "ip"]
    packed = await house.client.post("/plugin-drafts:pack", json=draft)
    assert packed.headers["content-disposition"] == 'attachment; filename="find_it-0.1.0.zip"'
    assert (await house.upload(packed.content)).json()["components"] == ["cmdb.find"]
    assert (await _check(house, draft))["problems"] == []


@pytest.mark.parametrize("component", ["cmdb.get_host", "cmdb.list_hosts", "open.ping"])
async def test_every_component_gives_a_sound_draft(house: MarketplaceHouse, component: str) -> None:
    body = {"component": component, "code": "it", "publisher": "acme"}
    draft = (await house.client.post("/plugin-drafts:start", json=body)).json()
    problems = (await _check(house, draft))["problems"]
    assert problems == []


async def test_a_check_tells_what_publication_would_find(house: MarketplaceHouse) -> None:
    assert (await house.publish(FIND_HOST)).status_code == 201
    unread = await _check(house, _draft({"code": "x"}))
    assert unread["draft"] is None
    assert "version" in [each["field"] for each in unread["problems"]]
    elsewhere = manifest_of(FIND_HOST, code="other")
    elsewhere["component"]["call"]["component"] = "cmdb.nothing"
    checked = await _check(house, _draft(elsewhere, readme=" "))
    assert checked["draft"]["components"] == ["cmdb.nothing"]
    assert [each["field"] for each in checked["problems"]] == ["component.call.component", "README.md"]
    same = await _check(house, _draft(manifest_of(FIND_HOST, tags=["other"])))
    assert [(each["field"], each["remedy"]) for each in same["problems"]] == [("version", "Raise it")]
    broken = manifest_of(FIND_HOST, version="1.0.1")
    broken["inputs"]["required"] = ["ip", "note"]
    assert "inputs.note" in [each["field"] for each in (await _check(house, _draft(broken)))["problems"]]


async def test_a_trial_shows_each_call_and_what_comes_of_made_up_answers(house: MarketplaceHouse) -> None:
    inputs = {"host": 7, "script": "df"}
    first = await _try(house, RENEW, inputs=inputs)
    assert (first["state"], first["calls"]) == (
        None,
        [
            {
                "component": "cmdb.move_host",
                "method": "POST",
                "target": "/api/cmdb/prod/hosts/move",
                "body": {"host": 7, "to": "spare"},
                "idempotency_key": "run:1",
                "answer": None,
            }
        ],
    )
    moved, begun = {"result": True, "data": {"was": "web"}}, {"result": True, "data": {"id": 5}}
    polled = [{"data": {"finished": False}}, {"data": {"finished": True, "exit": 0}}]
    answers = [{"response": each} for each in (moved, begun, *polled, moved)]
    whole = await _try(house, RENEW, inputs=inputs, answers=answers)
    assert [call["component"].split(".")[1] for call in whole["calls"]] == [
        "move_host", "execute", "status", "status", "move_host"
    ]  # fmt: skip
    assert (whole["state"], whole["outputs"], whole["error"]) == ("SUCCESS", {"was": "web", "exit": 0}, None)
    failed = await _try(house, RENEW, inputs=inputs, answers=[{"status": 500, "response": {"message": "down"}}])
    assert (failed["state"], failed["error"]) == ("FAIL", "cmdb.move_host failed: down (HTTP 500, request trial)")


async def test_a_trial_is_called_back(house: MarketplaceHouse) -> None:
    begun = {"response": {"result": True, "data": {"id": 5}}}
    log = {"response": {"data": {"log": "fine"}}}
    called = await _try(
        house, RUN_SCRIPT, inputs={"script": "df"}, answers=[begun, log], callbacks=[{"status": 2}, {"status": 3}]
    )
    assert (called["state"], called["outputs"]) == ("SUCCESS", {"instance": 5, "log": "fine"})


async def test_a_trial_sends_no_secret(house: MarketplaceHouse) -> None:
    manifest = manifest_of(RUN_SCRIPT)
    manifest["inputs"]["properties"]["token"] = {"type": "string", "writeOnly": True}
    manifest["component"]["call"]["body"]["token"] = "${inputs.token}"
    tried = await _try(house, manifest, inputs={"script": "df", "token": "deploy-token"})
    assert tried["calls"][0]["body"]["token"] == "<secret>"
    assert house.tokens.minted == []


async def test_a_trial_refuses_inputs_that_do_not_fit_and_other_kinds(house: MarketplaceHouse) -> None:
    text = yaml.safe_dump(FIND_HOST)
    refused = await house.client.post("/plugin-drafts:try", json={"manifest": text, "inputs": {"ip": 7}})
    assert [each["field"] for each in refused.json()["errors"]] == ["/inputs/ip"]
    for body in ({"manifest": "code: ["}, {"manifest": text, "answers": [{"status": 99}]}):
        assert (await house.client.post("/plugin-drafts:try", json=body)).status_code == 422


@pytest.mark.parametrize("what", ["start", "check", "try", "pack"])
async def test_drafts_are_for_those_who_may_publish(house: MarketplaceHouse, what: str) -> None:
    bodies: dict[str, Any] = {
        "start": {"component": "cmdb.get_host", "code": "it", "publisher": "acme"},
        "try": {"manifest": json.dumps(FIND_HOST), "inputs": {"ip": "10.0.0.1"}},
    }
    body = bodies.get(what, _draft(FIND_HOST))
    assert (await house.client.post(f"/plugin-drafts:{what}", json=body, headers=as_user("viewer"))).status_code == 403
    assert (await house.client.post(f"/plugin-drafts:{what}", json=body, headers=as_user("alice"))).status_code == 200


async def test_a_draft_of_what_nobody_serves_is_not_started(house: MarketplaceHouse) -> None:
    body = {"component": "cmdb.nothing", "code": "it", "publisher": "acme"}
    refused = await house.client.post("/plugin-drafts:start", json=body)
    assert [each["field"] for each in refused.json()["errors"]] == ["component"]
