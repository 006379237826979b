"""The id of a call: the client's where it is harmless, else a new one of 32 hex digits."""

import re
import secrets
from typing import Final

_HARMLESS: Final = re.compile(rb"[A-Za-z0-9._\-]{8,64}")
_HEX: Final = re.compile(r"[0-9a-f]{32}")
_DIGITS: Final = 32
_STOCK: Final = 256
_LAST_DIGITS: Final = tuple(f"{number:02x}" for number in range(_STOCK))


class RequestId:
    """``lines`` tell it in an answer: ``X-Request-Id``, and ``X-Bkapi-Request-ID``, which BlueKing's clients read as a
    UUID of 36 signs.
    """

    __slots__ = ("lines", "text")

    def __init__(self, text: str, uuid: str) -> None:
        self.text = text
        self.lines = f"x-request-id: {text}\r\nx-bkapi-request-id: {uuid}\r\n".encode("ascii")


class RequestIds:
    """New ids, made in stocks: 30 digits are drawn for a stock, two count. Drawn one by one, most of the work would be
    the drawing.
    """

    __slots__ = ("_at", "_dashed", "_digits")

    def __init__(self) -> None:
        self._digits = self._dashed = ""
        self._at = _STOCK

    def new(self) -> tuple[str, str]:
        """An id, and the same as a UUID."""
        at = self._at
        if at == _STOCK:
            self._digits = secrets.token_hex(_DIGITS // 2)[:-2]
            self._dashed = _dashed(self._digits)
            at = 0
        self._at = at + 1
        last = _LAST_DIGITS[at]
        return self._digits + last, self._dashed + last


_ids: Final = RequestIds()


def request_id_of(given: bytes | None) -> RequestId:
    text, uuid = _ids.new()
    if given is not None and _HARMLESS.fullmatch(given):
        text = given.decode("ascii")
        if _HEX.fullmatch(text):
            uuid = _dashed(text)
    return RequestId(text, uuid)


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
