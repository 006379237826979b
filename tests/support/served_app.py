"""An ASGI application behind uvicorn, in the event loop of a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from tests.support.patience import until

_PATIENCE_SECONDS = 10


@asynccontextmanager
async def served_app(app: Any, port: int = 0, **settings: Any) -> AsyncIterator[str]:
    """Its address.

    By hand, since uvicorn's own `serve` looks ten times a second whether it is to end and pauses as long again: most of
    these tests take less.
    """
    config = uvicorn.Config(app, port=port, lifespan="off", ws="none", log_level="error", **settings)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    await server.on_tick(0)  # the headers that it adds to each answer
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        await _end(server)


async def _end(server: uvicorn.Server) -> None:
    """What is under way is let finish."""
    state = server.server_state
    for listening in server.servers:
        listening.close()
    for connection in tuple(state.connections):
        connection.shutdown()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=_PATIENCE_SECONDS)
    for connection in tuple(state.connections):
        connection.transport.close()
    await until(lambda: not (state.connections))
    for listening in server.servers:
        await listening.wait_closed()
