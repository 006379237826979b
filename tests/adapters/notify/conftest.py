import asyncio
import email
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.notify.service.app import build_app
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey
from tests.support.listening import listening


@dataclass
class MailServer:
    """A real SMTP server. Refuses addresses that begin with `no`, and everything while `broken` says so.

    Attributes:
        hold_at: `receiver` or `mail`: once it has that it says nothing until `go`; `held` says that it has come there.
    """

    port: int = 0
    received: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    broken: str = ""
    pause: float = 0
    hold_at: str = ""
    held: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith("no"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        await self._hold("receiver")
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        await asyncio.sleep(self.pause)
        if self.broken == "refuse":
            return "554 rejected"
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.received.append((list(envelope.rcpt_tos), mail))
        await self._hold("mail")
        if self.broken == "drop" and server.transport is not None:
            server.transport.abort()
        return "250 taken"

    async def _hold(self, step: str) -> None:
        if step == self.hold_at:
            self.held.set()
            await self.go.wait()


@dataclass
class Webhook:
    """A real HTTP server that keeps what it is sent."""

    origin: str = ""
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        self.bodies.append(json.loads(await reader.readexactly(int(length))))
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    made = MailServer()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(made, enable_SMTPUTF8=True, hostname="mail.test"), "127.0.0.1", 0
    )
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    made = Webhook()
    async with listening(made.serve) as port:
        made.origin = f"127.0.0.1:{port}"
        yield made


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer, webhook: Webhook) -> Settings:
    return settings.model_copy(
        update={
            "smtp_port": mail_server.port,
            "mail_from": "trunkline@ops.test",
            "allowed_upstream_origins": (f"http://{webhook.origin}",),
        }
    )


@pytest.fixture
def gateway(kernel: KernelServices) -> Gateway:
    return Gateway(build_app(kernel, OneKey()), kernel.clock)
