"""A server tells the data plane while it can be reached."""

import asyncio
import socket

import pytest
import uvicorn

from gateway.dataplane.app import DataPlane
from gateway.dataplane.server import GatewayProtocol
from gateway.snapshot.model.snapshot import SnapshotHolder
from kernel.transport.client import TransportClient
from tests.support.patience import until
from trunkline.listening import ListeningServer


@pytest.fixture
async def plane():
    return DataPlane(SnapshotHolder(), TransportClient(), public_url="http://127.0.0.1")


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
