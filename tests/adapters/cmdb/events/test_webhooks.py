"""Webhooks: signed, in order, again until they are taken."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.cmdb.service.events.repository import EventRepository
from adapters.cmdb.service.events.sending import EventSender
from kernel.clock import ManualClock
from kernel.services import KernelServices
from kernel.settings import Settings
from kernel.signing.standard_webhooks import verify
from kernel.transport.addresses import AddressPolicy
from tests.adapters.cmdb.conftest import Shop
from tests.adapters.gateway import Gateway
from tests.adapters.kinds import one_database
from tests.support.backend import Backend, BackendRequest, serving_backend


@pytest.fixture(scope="module")
def running_listener() -> Iterator[Backend]:
    with serving_backend() as backend:
        yield backend


@pytest.fixture
def listener(running_listener: Backend) -> Backend:
    running_listener.reset()
    return running_listener


@pytest.fixture
def settings(settings: Settings, listener: Backend) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": (listener.url,)})


@pytest.fixture
def sender(kernel: KernelServices) -> EventSender:
    policy = AddressPolicy.allowing(kernel.settings.allowed_upstream_origins)
    return EventSender(kernel.database, EventRepository(), kernel.secrets, policy, kernel.clock)


class KilledHere(Exception):
    """Where a process dies."""


async def _sent(sender: EventSender) -> None:
    while await sender.send_due():
        pass


def _events(request: BackendRequest) -> list[dict[str, Any]]:
    return list(json.loads(request.body)["data"]["events"])


async def test_a_webhook_is_told_what_it_wants_in_order_and_signed(
    shop: Shop, sender: EventSender, listener: Backend, clock: ManualClock
) -> None:
    asked = {"url": f"{listener.url}/hook", "resources": ["host"], "event_types": ["update", "delete"]}
    made = await shop.gateway.data("create_event_webhook", asked)
    for number in range(3):
        await shop.gateway.data("update_host", {"bk_host_id": shop.pool, "data": {"bk_sn": f"S{number}"}})
    await _sent(sender)
    await shop.gateway.data("delete_host", {"bk_host_id": shop.pool})
    await shop.gateway.data("create_cloud_area", {"bk_cloud_name": "west"})
    await _sent(sender)
    await _sent(sender)
    first, second = listener.received
    assert [each["bk_detail"]["bk_sn"] for each in _events(first)] == ["S0", "S1", "S2"]
    assert _events(first)[0]["changed_fields"] == ["bk_sn"]
    assert [each["bk_event_type"] for each in _events(second)] == ["delete"]
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message_id, moment, signature = (first.headers[name] for name in names)
    verify(made["secret"], message_id, moment, signature, first.body, clock.now().timestamp())
    (kept,) = (await shop.gateway.get("list_event_webhooks", {}))["data"]
    assert (kept["waiting"], kept["status"], kept["problem"]) == (0, 200, "")
    assert "secret" not in json.dumps(kept)


async def test_what_is_not_taken_comes_again_as_the_same_message(
    shop: Shop, sender: EventSender, listener: Backend, clock: ManualClock
) -> None:
    await shop.gateway.data("create_event_webhook", {"url": f"{listener.url}/hook"})
    listener.status = 503
    await shop.gateway.data("update_host", {"bk_host_id": shop.pool, "data": {"bk_sn": "S1"}})
    await _sent(sender)
    (kept,) = (await shop.gateway.get("list_event_webhooks", {}))["data"]
    assert (kept["problem"], kept["attempts"], kept["waiting"]) == ("answered 503", 1, 1)
    await shop.gateway.data("update_host", {"bk_host_id": shop.pool, "data": {"bk_sn": "S2"}})
    clock.advance(seconds=4)
    await _sent(sender)
    assert len(listener.received) == 1
    clock.advance(seconds=2)
    await _sent(sender)
    first, again = listener.received
    assert (again.body, again.headers["webhook-id"]) == (first.body, first.headers["webhook-id"])
    listener.status = 200
    await shop.gateway.data("update_event_webhook", {"id": kept["id"], "url": f"{listener.url}/other"})
    await _sent(sender)
    told = [each["bk_detail"]["bk_sn"] for request in listener.received[2:] for each in _events(request)]
    assert told == ["S1", "S2"]


async def test_a_message_that_was_under_way_when_its_process_died_is_sent_by_another(
    shop: Shop, sender: EventSender, listener: Backend, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.gateway.data("create_event_webhook", {"url": f"{listener.url}/hook"})
    await shop.gateway.data("delete_host", {"bk_host_id": shop.pool})

    async def dies(*_arguments: Any) -> None:
        raise KilledHere

    with monkeypatch.context() as patch, pytest.raises(KilledHere):
        patch.setattr(EventSender, "_deliver", dies)
        await sender.send_due()
    await _sent(sender)
    assert listener.received == []
    clock.advance(minutes=2)
    await _sent(sender)
    (request,) = listener.received
    assert _events(request)[0]["bk_event_type"] == "delete"


@one_database
async def test_a_webhook_is_paused_rotated_and_deleted(shop: Shop, sender: EventSender, listener: Backend) -> None:
    made = await shop.gateway.data("create_event_webhook", {"url": f"{listener.url}/hook"})
    await shop.gateway.data("update_event_webhook", {"id": made["id"], "enabled": False})
    await shop.gateway.data("delete_host", {"bk_host_id": shop.pool})
    await _sent(sender)
    assert listener.received == []
    again = await shop.gateway.data("update_event_webhook", {"id": made["id"], "enabled": True, "rotate_secret": True})
    assert again["secret"] not in {"", made["secret"]}
    await _sent(sender)
    assert len(listener.received) == 1
    await shop.gateway.data("delete_event_webhook", {"id": made["id"]})
    assert (await shop.gateway.get("list_event_webhooks", {}))["data"] == []
    told = (await shop.gateway.call("delete_event_webhook", {"id": made["id"]}))["message"]
    assert told == f"There is no webhook {made['id']}"


@one_database
async def test_addresses_inside_the_network_are_refused_with_the_remedy(gateway: Gateway) -> None:
    refused = await gateway.call("create_event_webhook", {"url": "http://169.254.169.254/latest"})
    assert refused["result"] is False
    assert "url: leads inside the machine" in refused["message"]
    assert "TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS" in refused["message"]
