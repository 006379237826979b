"""Handing a mail to an SMTP server whose address was checked, over TLS that is verified."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Literal

import aiosmtplib

from adapters.notify.service.transports.outcome import Ending, Outcome
from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.errors import AddressDenied, ConnectError
from kernel.transport.origin import Origin

Security = Literal["none", "starttls", "tls"]
_TIMEOUT_SECONDS = 20.0
_GOODBYE_SECONDS = 2.0
_FIRST_OF_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Attributes:
    security: `starttls` and `tls` verify the certificate; `none` is for a server on a trusted network.
    mail_from: sender of every mail.
    authority: certificates in PEM by which the server's is verified; empty for those of the machine.
    """

    host: str
    port: int
    mail_from: str
    security: Security = "none"
    username: str = ""
    password: str = ""
    authority: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


Outcomes = dict[str, Outcome]
"""Address → how it fared."""


class Mailer:
    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    async def send(
        self,
        server: SmtpServer,
        mail: EmailMessage,
        addresses: Sequence[str],
        before_handing_over: Callable[[], Awaitable[None]],
    ) -> Outcomes:
        """Hands the mail over once; never raises for what the server says.

        Args:
            before_handing_over: awaited when the server has taken sender and receivers and the mail itself is next.
        """
        try:
            client = await self._connected(server, before_handing_over)
        except _NotReached as error:
            return dict.fromkeys(addresses, Outcome(error.ending, str(error)))
        return await _hand_over(client, server.mail_from, mail, addresses)

    async def _connected(self, server: SmtpServer, before_data: Callable[[], Awaitable[None]]) -> "_Client":
        connection = await self._dialled(server)
        client = _Client(
            before_data,
            sock=connection,
            hostname=server.host,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=_tls_of(server),
            timeout=_TIMEOUT_SECONDS,
        )
        try:
            await client.connect()
            if server.username:
                await client.login(server.username, server.password)
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            connection.close()
            raise _NotReached(f"the mail server {server} did not take the call: {error}") from None
        return client

    async def _dialled(self, server: SmtpServer) -> socket.socket:
        origin = Origin("https", server.host.lower(), server.port)
        try:
            found = await resolve(origin, self._policy)
        except AddressDenied:
            text = f"the mail server {server} is not public; an operator can list it in TRUNKLINE_ALLOWED_MAIL_SERVERS"
            raise _NotReached(text, Ending.FAILED) from None
        except ConnectError as error:
            raise _NotReached(f"the mail server {server} is not found: {error}") from None
        reasons = []
        for address in found:
            try:
                return await _dial(address, server.port)
            except OSError as error:
                reasons.append(str(error) or type(error).__name__)
        raise _NotReached(f"the mail server {server} did not take the call: {'; '.join(reasons)}")


class _NotReached(Exception):
    def __init__(self, problem: str, ending: Ending = Ending.LATER) -> None:
        super().__init__(problem)
        self.ending = ending


class _Client(aiosmtplib.SMTP):
    """Says when it is about to give the mail away.

    Attributes:
        is_handing_over: from here on the server may have the mail.
    """

    def __init__(self, before_data: Callable[[], Awaitable[None]], **options: Any) -> None:
        super().__init__(**options)
        self._before_data = before_data
        self.is_handing_over = False

    async def data(self, *args: Any, **options: Any) -> aiosmtplib.SMTPResponse:
        await self._before_data()
        self.is_handing_over = True
        return await super().data(*args, **options)


async def _dial(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        loop = asyncio.get_running_loop()
        await asyncio.wait_for(loop.sock_connect(connection, (address, port)), _TIMEOUT_SECONDS)
    except BaseException:
        connection.close()
        raise
    return connection


def _tls_of(server: SmtpServer) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=server.authority or None)


async def _hand_over(client: _Client, sender: str, mail: EmailMessage, addresses: Sequence[str]) -> Outcomes:
    try:
        outcomes = await _conversation(client, sender, mail, addresses)
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=_GOODBYE_SECONDS)
    finally:
        client.close()
    return outcomes


async def _conversation(client: _Client, sender: str, mail: EmailMessage, addresses: Sequence[str]) -> Outcomes:
    try:
        refused, said = await client.send_message(mail, sender=sender, recipients=list(addresses))
    except aiosmtplib.SMTPRecipientsRefused as error:
        return {one.recipient: _refusal(one.code, one.message) for one in error.recipients}
    except aiosmtplib.SMTPNotSupported as error:
        return dict.fromkeys(addresses, Outcome(Ending.FAILED, str(error)))
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        return dict.fromkeys(addresses, _refusal(error.code, error.message))
    except (aiosmtplib.SMTPException, OSError) as error:
        ending = Ending.UNKNOWN if client.is_handing_over else Ending.LATER
        return dict.fromkeys(addresses, Outcome(ending, f"the mail server did not confirm: {error}"))
    outcomes = dict.fromkeys(addresses, Outcome(Ending.SENT, said))
    outcomes.update({address: _refusal(answer.code, answer.message) for address, answer in refused.items()})
    return outcomes


def _refusal(code: int, message: str) -> Outcome:
    """Codes of 4xx are for now, of 5xx for good (RFC 5321 section 4.2.1)."""
    return Outcome(Ending.FAILED if code >= _FIRST_OF_PERMANENT else Ending.LATER, f"{code} {message}")
