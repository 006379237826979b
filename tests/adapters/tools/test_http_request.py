from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from adapters.tools.service.app import build_app
from kernel.audit.models import AuditRecord
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey
from tests.adapters.kinds import one_database
from tests.support.echo import Echo


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    async with Echo().serving() as serving:
        yield serving


@pytest.fixture
async def tools(kernel: KernelServices, settings: Settings, echo: Echo) -> AsyncIterator[Gateway]:
    listed = settings.model_copy(update={"http_request_origins": (echo.url, "http://127.0.0.1:1")})
    services = KernelServices(listed, kernel.database, kernel.secrets, kernel.clock)
    system = build_app(services, OneKey())
    yield Gateway(system, kernel.clock)
    await system.stop()


async def test_a_request_is_sent_once_under_its_key_and_is_on_record(tools: Gateway, echo: Echo) -> None:
    asked = {
        "method": "post",
        "url": f"{echo.url}/tickets?x=1",
        "headers": [{"name": "X-Team", "value": "ops"}],
        "secret_header": "Authorization",
        "secret": "Bearer hidden",
        "body": '{"title": "disk"}',
        "success": "resp.method == 'POST' && status_code == 200",
    }
    answer = await tools.data("http_request", asked, key="run:1")
    assert (answer["status_code"], answer["data"]["target"]) == (200, "/tickets?x=1")
    (received,) = echo.received
    assert received["body"] == '{"title": "disk"}'
    expected = {"x-team": "ops", "authorization": "Bearer hidden", "idempotency-key": "run:1"}
    assert expected.items() <= received["headers"].items()
    assert received["headers"]["content-type"] == "application/json"
    assert await tools.data("http_request", asked, key="run:1") == answer
    assert len(echo.received) == 1


@one_database
async def test_the_record_tells_where_it_went_and_holds_no_secret(
    tools: Gateway, echo: Echo, kernel: KernelServices
) -> None:
    asked = {"url": f"{echo.url}/?token=in-the-query", "secret_header": "X-Key", "secret": "hidden"}
    await tools.data("http_request", asked)
    async with kernel.database.reading() as session:
        (record,) = (await session.execute(select(AuditRecord))).scalars()
    assert (record.action, record.resource_id, record.after) == (
        "http_request.sent",
        echo.url,
        {"method": "GET", "status_code": 200},
    )


@one_database
@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"url": "http://127.0.0.1:9/"}, "http://127.0.0.1:9 is not among the addresses"),
        ({"url": "http://[::ffff:127.0.0.1]:9/"}, "is not among the addresses"),
        ({"url": "http://127.0.0.1:1/"}, "http://127.0.0.1:1 can't be reached"),
        ({"url": "file:///etc/passwd"}, "expected an absolute http"),
        ({"url": "http://u:p@127.0.0.1:1/"}, "must not carry a user name"),
        ({"headers": [{"name": "Host", "value": "other"}]}, "host is not a caller's to set"),
        ({"headers": [{"name": "X-A", "value": "b\r\nX-C: d"}]}, "cannot be sent"),
        ({"headers": [{"name": "X-A", "value": "文"}]}, "can't have"),
        ({"secret": "x"}, "secret_header: and secret go together"),
        ({"success": "resp.method =="}, "success:"),
        ({"success": "inputs.x == 1"}, "inputs is not known"),
        ({"success": "resp.method == 'PUT'"}, "doesn't fulfil"),
        ({"success": "resp.nothing == 1"}, "can't be decided"),
        ({"expected_status": "404, 500-599"}, "the answer has the status 200"),
        ({"method": "CONNECT"}, "method"),
    ],
)
async def test_what_is_refused_says_why(tools: Gateway, echo: Echo, asked: dict[str, Any], why: str) -> None:
    answer = await tools.call("http_request", {"url": echo.url, **asked})
    assert (answer["result"], answer["data"]) == (False, None)
    assert why in answer["message"]


async def test_any_answer_can_be_kept(tools: Gateway, echo: Echo) -> None:
    for number, (body, data) in enumerate(
        [(b"", ""), (b"\x00\xff", "\ufffd\ufffd"), (b'["\\u0000"]', '["\\u0000"]'), (b"NaN", "NaN"), (b"[1]", [1])]
    ):
        echo.body = body
        answer = await tools.data("http_request", {"url": echo.url}, key=str(number))
        assert answer["data"] == data


@one_database
async def test_all_public_addresses_are_never_those_inside(kernel: KernelServices, settings: Settings) -> None:
    listed = settings.model_copy(update={"http_request_origins": ("*",)})
    system = build_app(KernelServices(listed, kernel.database, kernel.secrets, kernel.clock), OneKey())
    for url in ("http://127.0.0.1:1/", "http://169.254.169.254/latest", "http://[::1]/", "http://10.0.0.1/"):
        refused = await Gateway(system, kernel.clock).call("http_request", {"url": url})
        assert "an address that is not allowed" in refused["message"]
    await system.stop()


@one_database
async def test_a_value_is_shown_as_it_is(tools: Gateway) -> None:
    for value in ("full", {"disks": [91, 12]}, None, 3.5):
        assert await tools.data("display", {"message": value}) == {"message": value}
