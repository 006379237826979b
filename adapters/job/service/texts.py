"""Texts as callers send them."""

import base64
import binascii

from adapters.job.service.errors import ParameterWrong


def from_base64(field: str, text: str) -> str:
    """Raises:
    ParameterWrong: not the base64 of a text.
    """
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ParameterWrong(field, "is not UTF-8 text in base64") from None
    if "\x00" in decoded:
        raise ParameterWrong(field, "holds a NUL character")
    return decoded
