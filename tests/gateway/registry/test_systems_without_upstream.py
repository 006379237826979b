"""A system whose components all answer by themselves forwards nowhere, and needs no address for that."""

import json
from typing import Any

import pytest

from tests.support.management import UPSTREAM, Management

HELLO: dict[str, Any] = {
    "method": "GET", "path": "/hello", "grant_required": False, "app_required": False,
    "mock": {"status": 200, "body": "hello"},
}  # fmt: skip


@pytest.fixture
async def mocked(management: Management) -> Management:
    """The system `fake`, whose one component is served."""
    made = await management.client.post("/v1/systems", json={"name": "fake"})
    assert made.status_code == 201, made.text
    await put(management, "hello", HELLO)
    await release(management, "1.0.0")
    activated = await activate(management, "1.0.0")
    assert activated.status_code == 200, activated.text
    return management


async def put(management: Management, name: str, component: dict[str, Any]) -> None:
    assert (await management.client.put(f"/v1/systems/fake/draft/components/{name}", json=component)).is_success


async def release(management: Management, version: str) -> None:
    made = await management.client.post("/v1/systems/fake/releases", json={"version": version})
    assert made.status_code == 201, made.text


async def activate(management: Management, version: str) -> Any:
    return await management.client.post("/v1/systems/fake/stages/prod:activate", json={"release": version})


async def test_it_is_served_and_has_no_upstream(mocked: Management) -> None:
    (route,) = mocked.holder.current.systems["fake"].stages["prod"].components.values()
    assert route.upstream.targets[0].origin.host == "nowhere.invalid"
    assert (await mocked.client.get("/v1/systems/fake/stages/prod/upstreams")).json()["items"] == []
    tried = await mocked.client.post("/v1/systems/fake/stages/prod/components/hello:try", json={"request": {}})
    assert (tried.json()["status"], tried.json()["body"]["text"]) == (200, "hello")


async def test_a_component_that_forwards_is_not_served_before_there_is_an_address(mocked: Management) -> None:
    await put(mocked, "hosts", {"method": "GET", "path": "/hosts"})
    await release(mocked, "1.1.0")
    refused = await activate(mocked, "1.1.0")
    assert (refused.status_code, refused.json()["code"]) == (422, "unservable")
    assert "hosts" in refused.json()["detail"]
    place = "/v1/systems/fake/stages/prod/upstreams/default"
    assert (await mocked.client.put(place, json={"targets": [{"url": UPSTREAM}]})).is_success
    assert (await activate(mocked, "1.1.0")).status_code == 200


async def test_it_is_written_out_and_made_again(mocked: Management) -> None:
    exported = (await mocked.client.get("/v1/systems/fake/export")).json()
    assert exported["stages"][0]["upstreams"] == {}
    planned = await mocked.client.post("/v1/systems/fake:plan", json=exported)
    assert (planned.status_code, planned.json()["changes"]) == (200, []), planned.text
    place = "/v1/systems/fake/stages/prod/upstreams/default"
    assert (await mocked.client.put(place, json={"targets": [{"url": UPSTREAM}]})).is_success
    applied = await mocked.client.post("/v1/systems/fake:apply", json=exported)
    assert applied.status_code == 200, applied.text
    assert (await mocked.client.get("/v1/systems/fake/stages/prod/upstreams")).json()["items"] == []
    other = json.loads(json.dumps(exported).replace("fake", "copy"))
    copied = await mocked.client.post("/v1/systems/copy:apply", json=other)
    assert copied.status_code == 200, copied.text
    assert "hello" in mocked.holder.current.systems["copy"].stages["prod"].components
