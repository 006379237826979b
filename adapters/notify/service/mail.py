"""Mail: composing it, and handing it to the SMTP server."""

import base64
import binascii
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html.parser import HTMLParser
from typing import Any

import aiosmtplib

from adapters.notify.service.content import AttachedFile, Content
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.receivers import is_mail_address
from kernel.settings import Settings

_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class MailResult:
    """How each address fared: empty text when the server took the mail for it.

    Attributes:
        unknown: the connection broke after the mail had gone over; the server may have taken it.
    """

    errors: dict[str, str]
    unknown: bool = False


class Mailer:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def compose(
        self, message_id: str, content: Content, to: Sequence[str], cc: Sequence[str], at: datetime
    ) -> EmailMessage:
        """The same arguments make the same bytes.

        Raises:
            ParameterWrong: a field that can't stand in a mail.
        """
        mail = EmailMessage()
        mail["From"] = self._settings.mail_from
        mail["To"] = ", ".join(to)
        if cc:
            mail["Cc"] = ", ".join(cc)
        if content.sender:
            mail["Reply-To"] = _reply_to(content.sender)
        mail["Subject"] = content.title
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{message_id}@{self._settings.mail_from.rpartition('@')[2] or 'trunkline'}>"
        mail["Auto-Submitted"] = "auto-generated"
        _put_text(mail, content)
        for index, attachment in enumerate(content.attachments):
            _attach(mail, attachment, f"attachments.{index}")
        _fix_boundaries(mail, message_id)
        return mail

    async def send(
        self, mail: EmailMessage, addresses: Sequence[str], before_handing_over: Callable[[], Awaitable[None]]
    ) -> MailResult:
        """Hands the mail over once; never raises for what the server says.

        Args:
            before_handing_over: awaited when the server has taken sender and receivers and the mail itself is next.
        """
        client = _Client(
            before_handing_over,
            hostname=self._settings.smtp_host,
            port=self._settings.smtp_port,
            start_tls=self._settings.smtp_starttls,
            timeout=_TIMEOUT_SECONDS,
        )
        try:
            await client.connect()
            if self._settings.smtp_username:
                await client.login(self._settings.smtp_username, self._settings.smtp_password.get_secret_value())
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            server = f"{self._settings.smtp_host}:{self._settings.smtp_port}"
            return MailResult(dict.fromkeys(addresses, f"the mail server {server} did not take the call: {error}"))
        return await _hand_over(client, self._settings.mail_from, mail, addresses)


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


async def _hand_over(client: _Client, sender: str, mail: EmailMessage, addresses: Sequence[str]) -> MailResult:
    try:
        refused, _ = await client.send_message(mail, sender=sender, recipients=list(addresses))
    except aiosmtplib.SMTPRecipientsRefused as error:
        return MailResult({one.recipient: f"{one.code} {one.message}" for one in error.recipients})
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError, aiosmtplib.SMTPNotSupported) as error:
        return MailResult(dict.fromkeys(addresses, str(error)))
    except (aiosmtplib.SMTPException, OSError) as error:
        text = f"the mail server did not confirm: {error}"
        return MailResult(dict.fromkeys(addresses, text), unknown=client.is_handing_over)
    finally:
        try:
            await client.quit()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
    errors = dict.fromkeys(addresses, "")
    errors.update({address: f"{answer.code} {answer.message}" for address, answer in refused.items()})
    return MailResult(errors)


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Boundaries that follow from the message's id, so that the same mail is the same bytes."""
    for index, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"{message_id}.{index}")


def _reply_to(sender: str) -> Address:
    if not is_mail_address(sender):
        raise ParameterWrong("sender", "is not a mail address")
    user, _, domain = sender.rpartition("@")
    return Address(username=user, domain=domain)


def _put_text(mail: EmailMessage, content: Content) -> None:
    text = content.text
    if content.body_format == "Text":
        mail.set_content(text)
        return
    mail.set_content(plain_text(text))
    mail.add_alternative(text, subtype="html")


def _attach(mail: EmailMessage, attachment: AttachedFile, where: str) -> None:
    try:
        data = base64.b64decode("".join(attachment.content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ParameterWrong(f"{where}.content", "is not base64") from None
    kind = attachment.kind or mimetypes.guess_type(attachment.filename)[0] or "application/octet-stream"
    main, _, sub = kind.partition("/")
    identity = f"<{attachment.content_id.strip('<>')}>" if attachment.content_id else None
    mail.add_attachment(
        data,
        maintype=main,
        subtype=sub,
        filename=attachment.filename,
        disposition=attachment.disposition,
        cid=identity,
    )


class _TextOnly(HTMLParser):
    _BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "pre"})
    _SILENT = frozenset({"script", "style", "head"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  its signature
        if tag in self._SILENT:
            self._silent += 1
        if tag in self._BREAKS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append("\t")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_text(html: str) -> str:
    """What of an HTML text is read by those who see no HTML."""
    reader = _TextOnly()
    reader.feed(html)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
