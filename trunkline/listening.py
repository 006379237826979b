"""Uvicorn's server, which tells the data plane while it listens."""

import asyncio
import socket
from collections.abc import Collection

from uvicorn import Server

from gateway.dataplane.kept_exchange import KeptExchange
from gateway.dataplane.server import data_plane_behind


class ListeningServer(Server):
    """What calls the gateway from inside this process goes no way round over the network then."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        data_plane = data_plane_behind(self.config.loaded_app)
        if data_plane is not None:
            data_plane.listens = self.started

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        data_plane = data_plane_behind(self.config.loaded_app)
        if data_plane is not None:
            data_plane.listens = False
            self._let_finish(tuple(data_plane.own_calls))
        await super().shutdown(sockets)

    def _let_finish(self, calls: Collection[KeptExchange]) -> None:
        """Has them waited for as connections are, and no longer."""
        waiting = asyncio.get_running_loop().create_task(_until_over(calls))
        self.server_state.tasks.add(waiting)
        waiting.add_done_callback(self.server_state.tasks.discard)


async def _until_over(calls: Collection[KeptExchange]) -> None:
    for call in calls:
        await call.over.wait()
