"""A server tells the data plane while it can be reached."""

import asyncio
import socket

import pytest
import uvicorn

from gateway.dataplane.app import DataPlane
from gateway.dataplane.own_calls import OwnCalls
from gateway.dataplane.server import GatewayProtocol
from gateway.snapshot.model.snapshot import SnapshotHolder
from kernel.transport.client import TransportClient
from tests.support.patience import until
from trunkline.listening import ListeningServer


class Plane(DataPlane):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__(SnapshotHolder(), TransportClient(), public_url="http://127.0.0.1")
        self.asked, self.left = [], None

    def serve(self, exchange):
        self.asked.append(exchange)

    async def aclose(self):
        self.left = len(self.own_calls)
        await super().aclose()


@pytest.fixture
async def plane():
    return Plane()


@pytest.fixture
def server(plane):
    config = uvicorn.Config(plane, port=0, log_level="critical", http=GatewayProtocol, ws="none")
    return ListeningServer(config)


async def test_the_data_plane_knows_when_its_process_listens(plane, server):
    assert not plane.listens
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    assert plane.listens
    server.should_exit = True
    await running
    assert not plane.listens


async def test_what_is_under_way_while_the_server_stops_finds_it_stopped(plane, server):
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    address = server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    await until(lambda: not plane.listens)
    with pytest.raises(ConnectionRefusedError), socket.create_connection(address, 1):
        pass
    await running


async def _stopping_amid_a_call(plane, server):
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    calling = asyncio.create_task(OwnCalls(plane, None).call("GET", "/api/cmdb/prod/read", [], b"", 10))
    await until(lambda: plane.asked)
    server.should_exit = True
    await until(lambda: not plane.listens)
    return running, calling


async def test_a_server_that_stops_lets_calls_from_inside_finish(plane, server):
    running, calling = await _stopping_amid_a_call(plane, server)
    asyncio.get_running_loop().call_later(0.5, plane.asked[0].answer, 200, [], b"", b"done")
    await running
    assert plane.left == 0
    assert (await calling).body == b"done"


async def test_a_call_that_does_not_end_holds_a_server_no_longer_than_it_is_given(plane, server):
    server.config.timeout_graceful_shutdown = 0
    running, calling = await _stopping_amid_a_call(plane, server)
    await running
    assert plane.left == 1
    calling.cancel()
