"""People are mailed what becomes of applications: who decides, and who applied; each once, and until it is taken."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from gateway.access.notices.mailing import GatewayMailer
from gateway.access.notices.models import Notice
from gateway.access.notices.sending import NoticeSender, Unsent
from gateway.coded.invoking import GatewayRoutes
from kernel.clock import ManualClock
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.backend import Backend, serving_backend
from tests.support.management import Management, document, managing


class Mailbox:
    """Takes mail unless `problem` is set."""

    def __init__(self) -> None:
        self.problem = ""
        self.sent: list[tuple[str, str, str]] = []
        self.contents: list[str] = []

    async def send(self, notice: Notice, address: str) -> None:
        if self.problem:
            raise Unsent(self.problem)
        self.sent.append((notice.username, notice.title, address))
        self.contents.append(notice.content)

    async def aclose(self) -> None:
        """Holds nothing open."""

    async def all(self, management: Management) -> list[tuple[str, str]]:
        """To whom with which title, since the last time."""
        sender = NoticeSender(management.kernel.database, self, management.clock)
        while await sender.send_due():
            pass
        taken, self.sent = self.sent, []
        return [(username, title) for username, title, _ in taken]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"notice_app": "postman"})


@pytest.fixture
async def management(
    kernel: KernelServices, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Management]:
    """Mail goes out when a test says so."""
    monkeypatch.setattr("gateway.unit._NOTICE_SECONDS", 3600)
    async with managing(kernel, clock) as running:
        yield running


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def dan(management: Management) -> httpx.AsyncClient:
    """Has an app, `shop`."""
    client = await management.token_holder("dan")
    assert (await client.post("/v1/apps", json={"app_code": "shop", "name": "Shop"})).status_code == 201
    return client


async def _apply(client: httpx.AsyncClient) -> str:
    wish = {"app_code": "shop", "system": "cmdb", "components": ["get_host"], "days": 180, "reason": "a report"}
    applied = await client.post("/v1/grants", json=wish)
    assert applied.status_code == 201, applied.text
    grant: str = applied.json()["items"][0]["id"]
    return grant


async def test_owners_hear_of_an_application_and_the_applicant_of_the_decision(
    management: Management, dan: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    olga = await management.token_holder("olga")
    await management.import_system(document(), owner="olga")
    grant = await _apply(dan)
    assert await mailbox.all(management) == [("olga", "shop applies for cmdb")]
    assert "get_host" in mailbox.contents[0]
    assert "a report" in mailbox.contents[0]
    assert (await olga.post(f"/v1/grants/{grant}:approve", json={"comment": "fine"})).status_code == 200
    assert await mailbox.all(management) == [("dan", "shop may call cmdb")]
    assert "olga: fine" in mailbox.contents[1]


async def test_the_applicant_is_reminded_before_the_end_and_told_of_it(
    management: Management, dan: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await management.import_system(document())
    await management.client.post(f"/v1/grants/{await _apply(dan)}:approve")
    await mailbox.all(management)
    titles = []
    for days in (150, 23, 6, 1):
        management.clock.advance(days=days)
        async with management.kernel.database.unit_of_work() as session:
            await management.unit.services.grants.expire_due(session)
        titles += await mailbox.all(management)
    soon = ("dan", "shop's permission on cmdb ends soon")
    assert titles == [soon, soon, soon, ("dan", "shop's permission on cmdb has ended")]


async def test_nobody_is_mailed_about_his_own_step(
    management: Management, dan: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await management.import_system(document(), owner="dan")
    application = (await dan.get(f"/v1/grants/{await _apply(dan)}")).json()["application_id"]
    assert (await dan.post(f"/v1/applications/{application}:withdraw")).status_code == 200
    assert await mailbox.all(management) == []


async def test_when_no_owner_can_sign_in_any_more_administrators_hear(
    management: Management, dan: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await management.token_holder("olga")
    await management.import_system(document(), owner="olga")
    assert (await management.client.post("/v1/users/olga:disable")).status_code == 200
    await _apply(dan)
    assert await mailbox.all(management) == [("admin", "shop applies for cmdb")]


async def test_what_was_not_taken_is_sent_again_ten_times(
    management: Management, dan: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await management.import_system(document())
    mailbox.problem = "the mail server is away"
    await _apply(dan)
    for _ in range(9):
        assert await mailbox.all(management) == []
        management.clock.advance(days=1)
    mailbox.problem = ""
    assert await mailbox.all(management) == [("admin", "shop applies for cmdb")]
    mailbox.problem = "the mail server is away"
    await _apply(dan)
    for _ in range(11):
        assert await mailbox.all(management) == []
        management.clock.advance(days=1)
    mailbox.problem = ""
    assert await mailbox.all(management) == []


@pytest.fixture
def gateway() -> Iterator[Backend]:
    with serving_backend() as backend:
        yield backend


@pytest.fixture
async def mailer(management: Management, gateway: Backend) -> AsyncIterator[GatewayMailer]:
    services = management.unit.services
    routes = GatewayRoutes(management.kernel.database, services.components, services.keyring, services.token_issuer)
    made = GatewayMailer("postman", routes, gateway.url)
    yield made
    await made.aclose()


@pytest.mark.parametrize(("address", "receiver"), [("dan@x.test", "receiver"), ("", "receiver__username")])
async def test_a_mail_goes_through_the_gateway_as_the_app_that_was_named(
    management: Management, mailer: GatewayMailer, gateway: Backend, address: str, receiver: str
) -> None:
    found = document()
    found["paths"] = {"/send_mail": {"post": {"operationId": "send_mail"}}}
    await management.import_system(found, name="notify")
    at = management.clock.now()
    notice = Notice(application_id="a", username="dan", title="T", content="C", next_attempt_at=at, created_at=at)
    await mailer.send(notice, address)
    (asked,) = gateway.received
    assert (asked.method, asked.target) == ("POST", "/api/notify/prod/send_mail")
    assert asked.headers["idempotency-key"] == notice.id
    assert asked.headers["authorization"].startswith("Bearer ")
    assert asked.json == {receiver: address or "dan", "title": "T", "content": "C", "body_format": "Text"}
    gateway.body = b'{"result": false, "code": 1306403, "message": "no permission"}'
    with pytest.raises(Unsent, match="no permission"):
        await mailer.send(notice, address)


async def test_without_a_notification_system_a_notice_waits(management: Management, mailer: GatewayMailer) -> None:
    at = management.clock.now()
    notice = Notice(application_id="a", username="dan", title="T", content="C", next_attempt_at=at, created_at=at)
    with pytest.raises(Unsent, match=r"notify\.send_mail"):
        await mailer.send(notice, "")
