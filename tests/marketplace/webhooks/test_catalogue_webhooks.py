"""Changes of the catalogue told to addresses: signed, sent again until they are taken, and kept in a log."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kernel.clock import ManualClock
from kernel.services import KernelServices
from kernel.signing.standard_webhooks import verify
from tests.support.backend import Backend, BackendRequest, serving_backend
from tests.support.marketplace import MarketplaceHouse, as_user, build_house
from tests.support.packages import FIND_HOST, RUN_SCRIPT, manifest_of

MORE_SCOPES = [*FIND_HOST["scopes"], {"scope": "cmdb.list_hosts", "reason": {"en": "More.", "zh": "更多。"}}]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Backend]:
    with serving_backend() as backend:
        yield backend


@pytest.fixture
async def house(kernel: KernelServices, receiver: Backend) -> AsyncIterator[MarketplaceHouse]:
    receiver.reset()
    built = build_house(kernel, allowed_upstream_origins=(receiver.url,), plugin_review="growth")
    yield built
    await built.close()


async def _webhook(house: MarketplaceHouse, receiver: Backend, **more: Any) -> dict[str, Any]:
    made = await house.client.post("/catalogue-webhooks", json={"url": f"{receiver.url}/hook", **more})
    assert made.status_code == 201, made.text
    webhook: dict[str, Any] = made.json()
    return webhook


async def _told(house: MarketplaceHouse) -> None:
    while await house.unit.webhook_sender.send_due():
        pass


async def _deliveries(house: MarketplaceHouse, webhook: str) -> list[dict[str, Any]]:
    found = (await house.client.get(f"/catalogue-webhooks/{webhook}/deliveries")).json()["items"]
    return list(reversed(found))


def _types(receiver: Backend) -> list[str]:
    return [request.json["type"] for request in receiver.received]


def _verified(request: BackendRequest, secret: str, now: float) -> Any:
    head = request.headers
    verify(secret, head["webhook-id"], head["webhook-timestamp"], head["webhook-signature"], request.body, now)
    return json.loads(request.body)


async def test_what_becomes_of_a_plugin_is_told_in_order_and_proven(
    house: MarketplaceHouse, receiver: Backend, clock: ManualClock
) -> None:
    webhook = await _webhook(house, receiver)
    plugin, version, client = "/plugins/find_host", "/plugins/find_host/versions/1.0.0", house.client
    assert (await house.publish(FIND_HOST, "alice")).status_code == 201
    await client.put(f"{version}/channel", json={"channel": "beta"})
    await client.put(f"{version}/yank", json={"message": "it loses hosts"})
    await client.delete(f"{version}/yank")
    await client.put(f"{plugin}/deprecation", json={"message": "no longer kept"})
    await client.delete(f"{plugin}/deprecation")
    words = {"en": "Leaks", "zh": "泄漏"}
    advisory = {"severity": "high", "affected": "=1.0.0", "title": words, "text": words}
    made = (await client.post(f"{plugin}/advisories", json=advisory)).json()
    await client.put(f"/advisories/{made['id']}", json=advisory)
    await client.put(f"/advisories/{made['id']}", json={**advisory, "severity": "low"})
    await client.post(f"/advisories/{made['id']}:withdraw", json={"reason": "a mistake"})
    await _told(house)
    told = [_verified(request, webhook["secret"], clock.now().timestamp()) for request in receiver.received]
    assert [each["type"].removeprefix("plugin.") for each in told] == [
        "published", "channel_changed", "yanked", "unyanked", "deprecated", "undeprecated", "advisory_published",
        "advisory_changed", "advisory_withdrawn",
    ]  # fmt: skip
    published, yanked = told[0]["data"], told[2]["data"]
    assert (published["plugin"], published["publisher"], published["by"]) == ("find_host", "acme", "alice")
    assert published["digest"].startswith("sha256:")
    assert (yanked["version"], yanked["message"], yanked["by"]) == ("1.0.0", "it loses hosts", "admin")
    assert [each["state"] for each in await _deliveries(house, webhook["id"])] == ["delivered"] * 9


async def test_quarantine_and_its_end_are_told(house: MarketplaceHouse, receiver: Backend) -> None:
    await house.publish(FIND_HOST, "alice")
    await _webhook(house, receiver)
    for number, decision in (("1.1.0", "reject"), ("1.2.0", "approve")):
        waiting = await house.publish(manifest_of(FIND_HOST, version=number, scopes=MORE_SCOPES), "alice")
        assert waiting.status_code == 202, waiting.text
        path = f"/plugin-submissions/{waiting.json()['id']}:{decision}"
        assert (await house.client.post(path, json={"comment": "so"}, headers=as_user("rita"))).is_success
    await _told(house)
    assert _types(receiver) == [
        "plugin.submitted", "plugin.rejected", "plugin.submitted", "plugin.approved", "plugin.published",
    ]  # fmt: skip
    assert receiver.received[0].json["data"]["reasons"] == ["asks for cmdb.list_hosts"]


async def test_only_what_is_asked_for_is_told(house: MarketplaceHouse, receiver: Backend) -> None:
    await _webhook(house, receiver, events=["plugin.yanked"])
    await _webhook(house, receiver, publishers=["bobs"])
    await _webhook(house, receiver, enabled=False)
    await house.publish(FIND_HOST, "alice")
    await house.publish(manifest_of(RUN_SCRIPT, publisher="bobs"), "bob")
    await house.client.put("/plugins/find_host/versions/1.0.0/yank", json={"message": "gone"})
    await _told(house)
    assert sorted((each.json["type"], each.json["data"]["plugin"]) for each in receiver.received) == [
        ("plugin.published", "run_script"),
        ("plugin.yanked", "find_host"),
    ]


async def test_what_was_not_taken_is_sent_again_under_its_id_and_by_hand(
    house: MarketplaceHouse, receiver: Backend, clock: ManualClock
) -> None:
    webhook = await _webhook(house, receiver)
    receiver.status = 503
    await house.publish(FIND_HOST, "alice")
    await _told(house)
    (delivery,) = await _deliveries(house, webhook["id"])
    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("waiting", 1, 503)
    await _told(house)
    assert len(receiver.received) == 1, "not before its time"
    for _ in range(12):
        clock.advance(days=2)
        await _told(house)
    (delivery,) = await _deliveries(house, webhook["id"])
    assert (delivery["state"], delivery["attempts"], len(receiver.received)) == ("failed", 10, 10)
    receiver.status = 204
    receiver.body = b""
    again = f"/catalogue-webhooks/{webhook['id']}/deliveries/{delivery['id']}:send-again"
    assert (await house.client.post(again)).json()["state"] == "waiting"
    await _told(house)
    assert {request.headers["webhook-id"] for request in receiver.received} == {delivery["id"]}
    (delivery,) = await _deliveries(house, webhook["id"])
    assert (delivery["state"], delivery["problem"]) == ("delivered", "")


async def test_a_change_that_fails_is_told_to_nobody(house: MarketplaceHouse, receiver: Backend) -> None:
    await _webhook(house, receiver)
    await house.publish(FIND_HOST, "alice")
    assert (await house.publish({**FIND_HOST, "tags": ["other"]}, "alice")).status_code == 409
    assert (await house.client.delete("/plugins/find_host/versions/1.0.0/yank")).status_code == 409
    await _told(house)
    assert _types(receiver) == ["plugin.published"]


async def test_webhooks_are_administrators_and_their_addresses_are_looked_at(
    house: MarketplaceHouse, receiver: Backend
) -> None:
    webhook = await _webhook(house, receiver)
    for path in ("", f"/{webhook['id']}/deliveries"):
        assert (await house.client.get(f"/catalogue-webhooks{path}", headers=as_user("alice"))).status_code == 403
    (listed,) = (await house.client.get("/catalogue-webhooks")).json()["items"]
    assert "secret" not in listed
    assert "sealed_secret" not in listed
    for body in (
        {"url": "http://127.0.0.1:1/hook"},
        {"url": "ftp://acme.example"},
        {"url": receiver.url, "events": ["x"]},
    ):
        refused = await house.client.post("/catalogue-webhooks", json=body)
        assert refused.status_code == 422, body
    changed = {"url": f"{receiver.url}/other", "events": ["plugin.yanked"]}
    path = f"/catalogue-webhooks/{webhook['id']}"
    assert (await house.client.put(path, json=changed)).json()["url"].endswith("/other")
    assert (await house.client.post(f"{path}:rotate-secret")).json()["secret"] != webhook["secret"]
    assert (await house.client.delete(path)).status_code == 204
    assert (await house.client.get(f"{path}/deliveries")).status_code == 404
