"""A tap on the wire before an upstream: passes bytes on unchanged and keeps what was sent."""

import asyncio
import contextlib
import re

_CHUNK = 65536
_REQUEST_LINE = re.compile(rb"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) [^ \r\n]+ HTTP/1\.1\r\n")


class Tap:
    """Listens on `port` of loopback and passes every connection on to `target_port`.

    It stands outside the product, so what it kept is what the upstream received.
    """

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._sent = bytearray()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    def requests(self) -> list[str]:
        """Heads and bodies of all requests so far, as text."""
        starts = [found.start() for found in _REQUEST_LINE.finditer(self._sent)]
        ends = [*starts[1:], len(self._sent)]
        return [self._sent[start:end].decode("utf-8", "replace") for start, end in zip(starts, ends, strict=True)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass(reader, up_writer, keep=True), self._pass(up_reader, writer, keep=False))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                if keep:
                    self._sent += data
                writer.write(data)
                await writer.drain()
        writer.close()
