"""Composing a mail: the same message always makes the same bytes."""

import base64
import binascii
import mimetypes
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from adapters.notify.service.content import AttachedFile, Content
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.receivers import is_mail_address
from adapters.notify.service.transports.html import plain_text, safe_html


def compose(
    message_id: str, mail_from: str, content: Content, to: Sequence[str], cc: Sequence[str], at: datetime
) -> EmailMessage:
    """The same arguments make the same bytes.

    Raises:
        ParameterWrong: a field that can't stand in a mail.
    """
    mail = EmailMessage()
    mail["From"] = mail_from
    mail["To"] = ", ".join(to)
    if cc:
        mail["Cc"] = ", ".join(cc)
    if content.sender:
        mail["Reply-To"] = _reply_to(content.sender)
    mail["Subject"] = content.title
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id}@{mail_from.rpartition('@')[2].rstrip('>') or 'trunkline'}>"
    mail["Auto-Submitted"] = "auto-generated"
    _put_text(mail, content)
    for index, attachment in enumerate(content.attachments):
        _attach(mail, attachment, f"attachments.{index}")
    _fix_boundaries(mail, message_id)
    return mail


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
    html = safe_html(text)
    mail.set_content(plain_text(html))
    mail.add_alternative(html, subtype="html")


def _attach(mail: EmailMessage, attachment: AttachedFile, where: str) -> None:
    try:
        data = base64.b64decode("".join(attachment.content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ParameterWrong(f"{where}.content", "is not base64") from None
    kind = attachment.kind or mimetypes.guess_type(attachment.filename)[0] or "application/octet-stream"
    main, _, sub = kind.partition("/")
    identity = f"<{attachment.content_id.strip('<>')}>" if attachment.content_id else None
    html = mail.get_body(("html",)) if identity is not None and attachment.disposition == "inline" else None
    # What a text shows in its place stands beside that text (RFC 2387), everything else beside the whole.
    add = mail.add_attachment if html is None else html.add_related
    add(
        data,
        maintype=main,
        subtype=sub,
        filename=attachment.filename,
        disposition=attachment.disposition,
        cid=identity,
    )
