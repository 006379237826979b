"""Refusals of the gateway: believed when its newest configuration gives them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy.exc import OperationalError

from kernel.contracts.components import ComponentDescription
from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from marketplace.invoke.answers import Answer
from marketplace.invoke.calls_over_http import CallsOverHttp
from marketplace.invoke.components import CallableComponent
from marketplace.invoke.gateway_caller import GatewayCaller
from tests.support.scripted_gateway import Said, ScriptedGateway, gateway_error

PING = CallableComponent(
    "open.ping", ComponentDescription("open", "ping", "GET", "/ping", (), is_read=True), ("/ping",)
)
PATH = "/api/open/prod/ping"
PONG = Said({"pong": True})


@dataclass(slots=True)
class Arriving:
    """A configuration that reaches the gateway when it is waited for, all of it or not; `away` is raised when set."""

    gateway: ScriptedGateway
    brings: Said
    away: Exception | None = None
    in_time: bool = True
    waits: list[int] = field(default_factory=list)

    async def newest_is_live(self) -> bool:
        self.waits.append(len(self.gateway.asked))
        if self.away is not None:
            raise self.away
        self.gateway.answers[PATH] = self.brings
        return self.in_time


@pytest.fixture
async def client(gateway: ScriptedGateway) -> AsyncIterator[TransportClient]:
    client = TransportClient(AddressPolicy.allowing([gateway.url]))
    yield client
    await client.aclose()


async def _ping(client: TransportClient, arriving: Arriving) -> Answer:
    caller = GatewayCaller(CallsOverHttp(client, arriving.gateway.url), arriving)
    return await caller.call(PING, PATH, None, "token", "")


@pytest.mark.parametrize("status", [403, 404])
async def test_what_was_configured_just_now_is_waited_for(client, gateway, status):
    gateway.answers[PATH] = gateway_error(status)
    arriving = Arriving(gateway, PONG)
    assert (await _ping(client, arriving)).response == {"pong": True}
    assert arriving.waits == [1]


async def test_a_refusal_by_the_newest_configuration_is_an_answer(client, gateway):
    gateway.answers[PATH] = gateway_error(404, "API not found")
    arriving = Arriving(gateway, gateway_error(403, "App has no permission"))
    answer = await _ping(client, arriving)
    assert (answer.status, answer.message(), len(gateway.asked)) == (403, "App has no permission", 2)


async def test_a_refusal_while_some_process_has_an_older_configuration_is_no_answer(client, gateway):
    gateway.answers[PATH] = gateway_error(404)
    with pytest.raises(PluginUnavailable, match="no"):
        await _ping(client, Arriving(gateway, gateway_error(404), in_time=False))
    gateway.answers[PATH] = gateway_error(404)
    assert (await _ping(client, Arriving(gateway, PONG, in_time=False))).response == {"pong": True}


@pytest.mark.parametrize("said", [PONG, Said({"message": "gone"}, 404), gateway_error(401), gateway_error(504)])
async def test_any_other_answer_is_taken_at_once(client, gateway, said):
    gateway.answers[PATH] = said
    arriving = Arriving(gateway, PONG)
    assert (await _ping(client, arriving)).status == said.status
    assert arriving.waits == []


@pytest.mark.parametrize("away", [OperationalError("SELECT", None, OSError()), OSError("refused")])
async def test_a_refusal_while_the_database_is_away_is_no_answer(client, gateway, away):
    gateway.answers[PATH] = gateway_error(404)
    with pytest.raises(PluginUnavailable, match="no"):
        await _ping(client, Arriving(gateway, PONG, away))
    assert len(gateway.asked) == 1
