"""What a message says, however it was asked for."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adapters.notify.service.errors import ParameterWrong

BodyFormat = Literal["Html", "Text"]


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """Attributes:
    content: in base64.
    kind: media type; empty to be guessed from the name.
    content_id: by which an HTML text shows it in its place.
    """

    filename: str
    content: str
    kind: str = ""
    disposition: Literal["attachment", "inline"] = "attachment"
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Attributes:
    title: empty for what is only read or spoken, such as an SMS.
    sender: where answers go; the message itself comes from our own address.
    """

    title: str
    text: str
    body_format: BodyFormat = "Text"
    sender: str = ""
    attachments: Sequence[AttachedFile] = ()


def decoded(text: str, field: str, *, is_base64: bool) -> str:
    """A text as it is to be read.

    Raises:
        ParameterWrong: it is not the base64 it says it is.
    """
    if not is_base64:
        return text
    try:
        plain = base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise ParameterWrong(field, "is not UTF-8 text in base64") from None
    if not plain or "\x00" in plain:
        raise ParameterWrong(field, "is empty or holds a NUL character")
    return plain
