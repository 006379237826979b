"""The upstream behind every gateway that is compared: answers each request with the same JSON."""

import asyncio
import sys

import httptools
import uvloop

BODY = b'{"result":true,"code":0,"message":"success","data":{"count":1,"info":[{"bk_biz_id":2,"bk_biz_name":"demo"}]}}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
NEEDED = {
    b"signed": (b"signature", b"signature-input", b"content-digest", b"x-trunkline-app"),
    b"governed": (b"x-bkapi-jwt",),
    b"plain": (),
}


class Upstream(asyncio.Protocol):
    """Answers 400 to a request that lacks what the path says it must have, so that no peer can skip the work."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.names: set[bytes] = set()
        self.url = b""

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.names = set()

    def on_url(self, url: bytes) -> None:
        self.url = url

    def on_header(self, name: bytes, value: bytes) -> None:  # noqa: ARG002 - httptools' signature
        self.names.add(name.lower())

    def on_message_complete(self) -> None:
        needed = NEEDED[self.url.split(b"/", 2)[1]]
        good = self.names.issuperset(needed) and (not needed or b"authorization" not in self.names)
        self.transport.write(ANSWER if good else b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")  # type: ignore[attr-defined]


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
