"""Uvicorn's server, which tells the data plane while it listens."""

import socket

from uvicorn import Server

from gateway.dataplane.server import data_plane_behind


class ListeningServer(Server):
    """What calls the gateway from inside this process goes no way round over the network then."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell(listens=self.started)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._tell(listens=False)
        await super().shutdown(sockets)

    def _tell(self, *, listens: bool) -> None:
        data_plane = data_plane_behind(self.config.loaded_app)
        if data_plane is not None:
            data_plane.listens = listens
