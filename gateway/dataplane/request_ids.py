"""The id of a call: the client's where it is harmless, else a new one of 32 hex digits."""

import random
import re

_HARMLESS = re.compile(rb"[A-Za-z0-9._\-]{8,64}")
_HEX = re.compile(r"[0-9a-f]{32}")


def request_id_of(given: bytes | None) -> str:
    if given is not None and _HARMLESS.fullmatch(given):
        return given.decode("ascii")
    return f"{random.getrandbits(128):032x}"


def answer_headers(request_id: str) -> list[tuple[bytes, bytes]]:
    """``X-Request-Id``, and ``X-Bkapi-Request-ID``, which BlueKing clients read as a UUID of 36 signs."""
    digits = request_id
    if not _HEX.fullmatch(digits):
        digits = f"{random.getrandbits(128):032x}"
    uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return [(b"x-request-id", request_id.encode("ascii")), (b"x-bkapi-request-id", uuid.encode("ascii"))]
