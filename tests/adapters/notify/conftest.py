import asyncio
import email
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters.notify.service.app import NotifySystem, build_notify
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey
from tests.support.certificates import self_signed
from tests.support.listening import listening


@dataclass
class MailServer:
    """A real SMTP server. Refuses addresses that begin with `no`, and every mail while `broken` says so.

    Attributes:
        hold_at: `receiver` or `mail`: once it has that it says nothing until `go`; `held` says that it has come there.
    """

    port: int = 0
    received: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    broken: str = ""
    pause: float = 0
    was_encrypted: bool = False
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

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.was_encrypted = session.ssl is not None
        await asyncio.sleep(self.pause)
        if self.broken == "busy":
            return "451 come again"
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
    """A real HTTP server that keeps what it is sent; says nothing to a path ending in `hold_at` until `go`."""

    origin: str = ""
    status: int = 200
    answer: bytes = b""
    headers: str = ""
    hold_at: str = " "
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        (length,) = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        self.bodies.append(json.loads(await reader.readexactly(int(length))))
        self.paths.append(path := head.split()[1].decode())
        if path.endswith(self.hold_at):
            self.held.set()
            await self.go.wait()
        lines = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.answer)}\r\nConnection: close\r\n"
        writer.write(f"{lines}{self.headers}\r\n".encode() + self.answer)
        await writer.drain()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A file with key and certificate of `localhost`, and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = self_signed("localhost", key)
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_text(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() + pem)
    return path, pem


@asynccontextmanager
async def serving_mail(tls: ssl.SSLContext | None = None) -> AsyncIterator[MailServer]:
    """A mail server; with `tls` one that takes no mail before STARTTLS."""
    made = MailServer()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(
            made, enable_SMTPUTF8=True, hostname="mail.test", tls_context=tls, require_starttls=tls is not None
        ),
        "127.0.0.1",
        0,
    )
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serving_mail() as made:
        yield made


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
async def notify(kernel: KernelServices) -> AsyncIterator[NotifySystem]:
    made = build_notify(kernel, OneKey())
    yield made
    await made.embedded.stop()


@pytest.fixture
def gateway(notify: NotifySystem, kernel: KernelServices) -> Gateway:
    return Gateway(notify.embedded, kernel.clock)
