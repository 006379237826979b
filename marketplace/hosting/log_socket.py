"""What is secret in a plugin's log, told to the one process of the server that writes it by those that don't."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from marketplace.hosting.environment.folders import SocketPath, listen
from marketplace.hosting.log import PluginLog

_MOST: Final = 64 * 1024 * 1024
"""Bytes of what is asked or answered, one line of JSON each."""
_SECONDS: Final = 10.0


class LogSocket:
    """Takes secrets and masks texts for the server's other processes, until it is closed."""

    def __init__(self, path: Path, log: PluginLog) -> None:
        self._path = path
        self._log = log
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._answer, sock=listen(self._path), limit=_MOST)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line.endswith(b"\n"):
                asked = json.loads(line)
                self._log.hide(asked["secrets"])
                writer.write(json.dumps(self._log.masked(asked["text"])).encode() + b"\n")
                await writer.drain()
        finally:
            writer.close()


async def masked_elsewhere(path: Path, secrets: Sequence[str], text: str = "") -> str:
    """The text without secrets, as whoever writes the log masks it; `secrets` never stand there from now on.

    Raises:
        OSError: nobody writes it just now.
    """
    address = SocketPath(path)
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_unix_connection(address.text, limit=_MOST)
            try:
                writer.write(json.dumps({"secrets": list(secrets), "text": text}).encode() + b"\n")
                await writer.drain()
                answer = await reader.readline()
            finally:
                writer.close()
    finally:
        address.close()
    if not answer:
        raise ConnectionResetError("the process that writes the log has ended")
    return str(json.loads(answer))
