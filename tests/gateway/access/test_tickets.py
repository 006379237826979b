"""Outside ticket systems: told of every step by signed webhooks, again until they take it; and they decide by API."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from gateway.access.tickets.models import TicketWebhook
from kernel.clock import ManualClock
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from kernel.retrying import next_attempt
from kernel.services import KernelServices
from kernel.settings import Settings
from kernel.signing.standard_webhooks import verify
from tests.support.backend import Backend, BackendRequest, serving_backend
from tests.support.management import UPSTREAM, Management, document, managing

ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)


@pytest.fixture
def tickets() -> Iterator[Backend]:
    """The ticket system."""
    with serving_backend() as backend:
        yield backend


@pytest.fixture
def settings(settings: Settings, tickets: Backend) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": ("http://127.0.0.1:9099", tickets.url)})


@pytest.fixture
async def management(
    kernel: KernelServices, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Management]:
    """Messages go out when a test says so."""
    monkeypatch.setattr("gateway.unit._TICKET_SECONDS", 3600)
    async with managing(kernel, clock) as running:
        await running.import_system(document())
        await running.app_with_secret("shop")
        yield running


async def _told(management: Management) -> None:
    sender = management.unit.services.access.ticket_sender
    while await sender.send_due():
        pass


async def _webhook(management: Management, tickets: Backend, **more: Any) -> dict[str, Any]:
    made = await management.client.post("/v1/ticket-webhooks", json={"url": f"{tickets.url}/hook", **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def _apply(management: Management) -> dict[str, Any]:
    wish = {"app_code": "shop", "system": "cmdb", "components": ["get_host"], "reason": "a report"}
    grant: dict[str, Any] = (await management.client.post("/v1/grants", json=wish)).json()["items"][0]
    return grant


async def _deliveries(management: Management, webhook: str) -> list[dict[str, Any]]:
    found = (await management.client.get(f"/v1/ticket-webhooks/{webhook}/deliveries")).json()["items"]
    return list(reversed(found))


def _verified(request: BackendRequest, secret: str, now: float) -> Any:
    head = request.headers
    verify(secret, head["webhook-id"], head["webhook-timestamp"], head["webhook-signature"], request.body, now)
    return json.loads(request.body)


@pytest.mark.parametrize("system", ["cmdb", None])
async def test_every_step_is_told_and_proven(management: Management, tickets: Backend, system: str | None) -> None:
    webhook = await _webhook(management, tickets, system=system)
    grant = await _apply(management)
    await management.client.post(f"/v1/grants/{grant['id']}:approve", json={"comment": "fine"})
    await management.client.post(f"/v1/grants/{grant['id']}:revoke", json={"comment": "enough"})
    await _told(management)
    now = management.clock.now().timestamp()
    told = [_verified(request, webhook["secret"], now) for request in tickets.received]
    assert [each["type"] for each in told] == ["application.applied", "application.approved", "application.revoked"]
    about = told[1]["data"]
    assert (about["application"]["id"], about["application"]["reason"], about["actor"], about["text"]) == (
        grant["application_id"], "a report", "admin", "fine",
    )  # fmt: skip
    assert [(each["component"], each["state"]) for each in about["grants"]] == [("get_host", "approved")]
    assert [each["state"] for each in await _deliveries(management, webhook["id"])] == ["delivered"] * 3


async def test_another_systems_webhook_hears_nothing(management: Management, tickets: Backend) -> None:
    await management.import_system(document(), name="other")
    await _webhook(management, tickets, system="other")
    await _apply(management)
    await _told(management)
    assert tickets.received == []


async def test_what_was_not_taken_is_sent_again_under_its_id(management: Management, tickets: Backend) -> None:
    webhook = await _webhook(management, tickets)
    tickets.status = 503
    await _apply(management)
    await _told(management)
    (delivery,) = await _deliveries(management, webhook["id"])
    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("waiting", 1, 503)
    await _told(management)
    assert len(tickets.received) == 1
    tickets.status = 204
    tickets.body = b""
    management.clock.advance(seconds=5)
    await _told(management)
    first, second = tickets.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["id"]
    _verified(second, webhook["secret"], management.clock.now().timestamp())
    assert [each["state"] for each in await _deliveries(management, webhook["id"])] == ["delivered"]


async def test_after_the_last_attempt_it_is_given_up_and_may_be_sent_by_hand(
    management: Management, tickets: Backend
) -> None:
    webhook = await _webhook(management, tickets)
    tickets.status = 500
    await _apply(management)
    for _ in range(12):
        await _told(management)
        management.clock.advance(days=1)
    (delivery,) = await _deliveries(management, webhook["id"])
    assert (delivery["state"], delivery["attempts"], len(tickets.received)) == ("failed", 10, 10)
    tickets.status = 200
    again = f"/v1/ticket-webhooks/{webhook['id']}/deliveries/{delivery['id']}:send-again"
    assert (await management.client.post(again)).json()["state"] == "waiting"
    await _told(management)
    assert [each["state"] for each in await _deliveries(management, webhook["id"])] == ["delivered"]


async def test_messages_outlive_the_process(management: Management, tickets: Backend, kernel: KernelServices) -> None:
    webhook = await _webhook(management, tickets)
    await _apply(management)
    await management.unit.stop()
    sender = management.unit.services.access.ticket_sender
    another = type(sender)(kernel.database, kernel.secrets, kernel.settings.allowed_upstream_origins, kernel.clock)
    assert await another.send_due()
    assert len(tickets.received) == 1
    await management.unit.start()
    assert [each["state"] for each in await _deliveries(management, webhook["id"])] == ["delivered"]


async def test_the_secret_is_shown_once_and_sealed(management: Management, tickets: Backend) -> None:
    webhook = await _webhook(management, tickets)
    listed = await management.client.get("/v1/ticket-webhooks")
    assert webhook["secret"] not in listed.text
    assert "secret" not in listed.json()["items"][0]
    async with management.kernel.database.reading() as session:
        kept = await session.get(TicketWebhook, webhook["id"])
    assert kept is not None
    assert webhook["secret"] not in kept.sealed_secret
    rotated = (await management.client.post(f"/v1/ticket-webhooks/{webhook['id']}:rotate-secret")).json()
    assert rotated["secret"] != webhook["secret"]
    await _apply(management)
    await _told(management)
    _verified(tickets.received[0], rotated["secret"], management.clock.now().timestamp())
    recorded = await management.audit("ticket_webhook", webhook["id"])
    assert [each.action for each in recorded] == ["ticket_webhook.created", "ticket_webhook.secret_changed"]
    assert "whsec_" not in str([(each.before, each.after) for each in recorded])


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://127.0.0.1:1/", "ftp://example.com/", "x"])
async def test_addresses_inside_are_refused(management: Management, url: str) -> None:
    answer = await management.client.post("/v1/ticket-webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url")


async def test_a_webhook_is_for_those_who_manage_the_system(management: Management, tickets: Backend) -> None:
    webhook = await _webhook(management, tickets, system="cmdb")
    bob = await management.person("bob")
    path = f"/v1/ticket-webhooks/{webhook['id']}"
    for method, at, body in (
        ("GET", "/v1/ticket-webhooks", None),
        ("GET", "/v1/ticket-webhooks?system=cmdb", None),
        ("POST", "/v1/ticket-webhooks", {"url": UPSTREAM, "system": "cmdb"}),
        ("PATCH", path, {"enabled": False}),
        ("POST", f"{path}:rotate-secret", None),
        ("DELETE", path, None),
        ("GET", f"{path}/deliveries", None),
    ):
        assert (await bob.request(method, at, json=body)).status_code == 403, at
    assert (await management.client.delete(path)).status_code == 204
    assert (await management.client.get(f"{path}/deliveries")).status_code == 404


async def _ticket_system(management: Management) -> httpx.AsyncClient:
    """An app with nothing but its code and secret."""
    secret = await management.app_with_secret("tickets")
    client = management.anonymous()
    client.headers["X-Bkapi-Authorization"] = json.dumps({"bk_app_code": "tickets", "bk_app_secret": secret})
    return client


async def test_a_related_app_decides_as_the_owner_does_and_no_other_app(management: Management) -> None:
    client = await _ticket_system(management)
    application = (await _apply(management))["application_id"]
    place, verdict = f"/v1/applications/{application}/decision", {"decision": "approve", "comment": "CHG-17"}
    assert (await client.post(place, json=verdict)).status_code == 403
    async with management.kernel.database.unit_of_work() as session:
        related = management.unit.services.blueking.related_apps
        await related.add(session, ADMIN, "cmdb", ["tickets"])
    decided = await client.post(place, json=verdict)
    assert (decided.status_code, decided.json()["state"], decided.json()["live"]) == (200, "approved", True)
    assert (await client.get(f"/v1/applications/{application}")).json()["history"][-1]["actor"] == "tickets"
    late = await client.post(place, json=verdict)
    assert (late.status_code, late.json()["code"]) == (409, "grant_state")
    client.headers["X-Bkapi-Authorization"] = json.dumps({"bk_app_code": "tickets", "bk_app_secret": "wrong"})
    assert (await client.post(place, json=verdict)).status_code == 401


def test_ten_attempts_in_less_than_three_days(clock: ManualClock) -> None:
    begun = clock.now()
    for attempts in range(1, 10):
        following = next_attempt(attempts, clock.now())
        assert following is not None
        assert following > clock.now()
        clock.current = following
    assert next_attempt(10, clock.now()) is None
    assert (clock.now() - begun).days < 3


async def test_a_webhook_whose_secret_can_not_be_read_keeps_no_other_waiting(
    management: Management, tickets: Backend
) -> None:
    lost, other = [await _webhook(management, tickets) for _ in range(2)]
    async with management.kernel.database.unit_of_work() as session:
        kept = await session.get(TicketWebhook, lost["id"])
        assert kept is not None
        kept.sealed_secret = kept.sealed_secret[:-8] + "AAAAAAAA"
    await _apply(management)
    await _told(management)
    (waiting,), (told,) = [await _deliveries(management, each["id"]) for each in (lost, other)]
    assert (waiting["state"], bool(waiting["problem"]), told["state"]) == ("waiting", True, "delivered")
    assert (told["next_attempt_at"], waiting["next_attempt_at"] is None) == (None, False)


async def test_a_narrowed_credential_gets_no_secret(management: Management, tickets: Backend) -> None:
    webhooks = management.unit.services.access.tickets
    narrowed = Principal(PrincipalKind.USER, "admin", is_admin=True, scopes=frozenset({"platform"}))
    async with management.kernel.database.unit_of_work() as session:
        with pytest.raises(PermissionDenied):
            await webhooks.create(session, narrowed, None, f"{tickets.url}/hook")
