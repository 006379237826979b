"""The upstream of the streaming benchmark: takes bodies of any size, gives a body of any size, sends events.

``POST /in`` answers how many bytes came. ``GET /out/{bytes}`` answers so many. ``GET /events/{count}`` answers so many
server-sent events, each written for itself.
"""

import asyncio
import sys

import httptools
import uvloop

_PIECE = b"x" * 65_536
_EVENT = b'data: {"number":0,"text":"a server-sent event of a usual length"}\n\n'
_EVENTS_A_TURN = 16


class StreamServer(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP gives a Transport
        self.parser = httptools.HttpRequestParser(self)
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.url = b""
        self.length = 0
        self.task: asyncio.Task[None] | None = None

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    def on_message_begin(self) -> None:
        self.url, self.length = b"", 0

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.length += len(body)

    def on_message_complete(self) -> None:
        kind, _, number = self.url.strip(b"/").rpartition(b"/")
        if kind.endswith(b"out"):
            self.task = asyncio.get_running_loop().create_task(self.give(int(number)))
        elif kind.endswith(b"events"):
            self.task = asyncio.get_running_loop().create_task(self.tell(int(number)))
        else:
            body = b"%d" % self.length
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))

    async def give(self, length: int) -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % length)
        while length:
            piece = _PIECE[:length]
            length -= len(piece)
            self.transport.write(piece)
            await self.may_write.wait()

    async def tell(self, count: int) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for number in range(count):
            self.transport.write(b"%x\r\n%b\r\n" % (len(_EVENT), _EVENT))
            if number % _EVENTS_A_TURN == 0:
                await asyncio.sleep(0)
                await self.may_write.wait()
        self.transport.write(b"0\r\n\r\n")


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(StreamServer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
