"""Components called by a person's session: by those who manage the system, as its stage serves them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from kernel.settings import Settings
from tests.support.echo import Echo
from tests.support.management import Management, document


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    async with Echo().serving() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, echo: Echo) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": (echo.url,)})


@pytest.fixture
async def cmdb(management: Management, echo: Echo) -> Management:
    made = await management.import_system(document(), upstream_url=f"{echo.url}/base")
    assert made.status_code == 200, made.text
    return management


def _address(component: str, stage: str = "prod") -> str:
    return f"/v1/systems/cmdb/stages/{stage}/components/{component}:call"


async def test_a_call_reaches_the_system_signed_in_the_persons_name(cmdb: Management, echo: Echo) -> None:
    asked = {"params": {"ip": "10.0.0.1"}}
    answer = await cmdb.client.post(_address("create_host"), json=asked)
    (received,) = echo.received
    assert (answer.status_code, answer.json()) == (200, received)
    assert (received["method"], received["target"]) == ("POST", "/base/hosts")
    assert received["headers"]["x-trunkline-app"] == "trunkline-console"
    assert received["headers"]["x-trunkline-user"] == "admin"
    assert "signature" in received["headers"]
    await cmdb.client.post(_address("create_host"), json=asked)
    assert len(echo.received) == 2


async def test_parameters_stand_where_the_component_takes_them(cmdb: Management, echo: Echo) -> None:
    asked: dict[str, Any] = {"params": {"host_id": "7", "page": {"limit": 1}, "level": -1, "tag": ["a", "b"]}}
    answer = await cmdb.client.post(_address("get_host"), json=asked)
    assert answer.status_code == 200, answer.text
    target = echo.received[0]["target"]
    assert target == "/base/hosts/7?page=%7B%22limit%22%3A+1%7D&level=-1&tag=a&tag=b"


async def test_only_changing_calls_are_in_the_audit_log(cmdb: Management, echo: Echo) -> None:
    await cmdb.client.post(_address("get_host"), json={"params": {"host_id": "7"}})
    await cmdb.client.post(_address("create_host"), json={"params": {"ip": "10.0.0.1"}})
    (kept,) = (each for each in await cmdb.audit("system", "cmdb") if each.action == "component.called")
    assert kept.after == {"stage": "prod", "component": "create_host"}


async def test_what_the_gateway_or_the_system_refuses_comes_as_it_is(cmdb: Management, echo: Echo) -> None:
    refused = await cmdb.client.post(_address("create_host"), json={"params": {"ip": 1}})
    assert (refused.status_code, echo.received) == (400, [])
    for address, status in ((_address("nothing"), 404), (_address("create_host", "test"), 404)):
        assert (await cmdb.client.post(address, json={})).status_code == status


async def test_whoever_does_not_manage_the_system_calls_nothing(cmdb: Management, echo: Echo) -> None:
    visitor = await cmdb.person("visitor")
    answer = await visitor.post(_address("create_host"), json={"params": {"ip": "10.0.0.1"}})
    assert (answer.status_code, echo.received) == (403, [])


async def test_a_read_is_followed_from_where_its_reader_was(cmdb: Management, echo: Echo) -> None:
    address = _address("get_host").replace(":call", ":follow")
    asked = {"params": '{"host_id": "7", "level": 2}'}
    answer = await cmdb.client.get(address, params=asked, headers={"Last-Event-ID": "0-12"})
    (received,) = echo.received
    assert (answer.status_code, answer.json()) == (200, received)
    assert (received["target"], received["headers"]["last-event-id"]) == ("/base/hosts/7?level=2", "0-12")
    assert received["headers"]["x-trunkline-user"] == "admin"


@pytest.mark.parametrize(
    ("component", "params", "status"),
    [("create_host", "{}", 422), *(("get_host", params, 422) for params in ("[]", "{", "[" * 9_000))],
)
async def test_only_reads_with_parameters_that_can_be_read_are_followed(
    cmdb: Management, echo: Echo, component: str, params: str, status: int
) -> None:
    answer = await cmdb.client.get(_address(component).replace(":call", ":follow"), params={"params": params})
    assert (answer.status_code, echo.received) == (status, [])
    visitor = await cmdb.person("visitor")
    assert (await visitor.get(_address("get_host").replace(":call", ":follow"))).status_code == 403
