"""The id of a call: the client's where it is harmless, else a new one of 32 hex digits."""

import re
import secrets

_HARMLESS = re.compile(rb"[A-Za-z0-9._\-]{8,64}")
_HEX = re.compile(r"[0-9a-f]{32}")
_DIGITS = 32
_STOCK = 256


class RequestIds:
    """New ids, made in stocks: for one alone, most of the work would be its formatting."""

    __slots__ = ("_at", "_stock")

    def __init__(self) -> None:
        self._stock = ""
        self._at = 0

    def new(self) -> str:
        at = self._at
        if at == len(self._stock):
            self._stock = secrets.token_hex(_STOCK * _DIGITS // 2)
            at = 0
        self._at = end = at + _DIGITS
        return self._stock[at:end]


_new = RequestIds().new


def request_id_of(given: bytes | None) -> str:
    if given is not None and _HARMLESS.fullmatch(given):
        return given.decode("ascii")
    return _new()


def answer_lines(request_id: str) -> bytes:
    """``X-Request-Id``, and ``X-Bkapi-Request-ID``, which BlueKing clients read as a UUID of 36 signs."""
    digits = request_id
    if len(digits) != _DIGITS or not _HEX.fullmatch(digits):
        digits = _new()
    uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return f"x-request-id: {request_id}\r\nx-bkapi-request-id: {uuid}\r\n".encode("ascii")
