"""A refusal or failure of the gateway itself, and its two renderings."""

import json

from gateway.wire.codes import Code
from gateway.wire.languages import translated


class Refusal(Exception):
    """Raised anywhere on the road; the data plane renders it. ``reason`` is told to the caller and holds no secret.

    ``headers`` are further answer headers (``WWW-Authenticate``).
    """

    def __init__(self, code: Code, reason: str = "", headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(reason or code.message)
        self.code = code
        self.reason = reason
        self.headers = headers

    @property
    def message(self) -> str:
        return _worded(self.code.message, self.reason)


def _worded(message: str, reason: str) -> str:
    return f'{message} [reason="{reason}"]' if reason else message


def gateway_error(refusal: Refusal) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Body and headers of an error on ``/api/{system}/{stage}/…``."""
    code = refusal.code
    body = json.dumps(
        {"code": code.code, "code_name": code.name, "message": refusal.message, "result": False, "data": None},
        ensure_ascii=False,
    ).encode()
    return body, [
        (b"content-type", b"application/json"),
        (b"x-bkapi-error-code", str(code.code).encode()),
        (b"x-bkapi-error-message", _header_value(refusal.message)),
        *refusal.headers,
    ]


def esb_error(refusal: Refusal, request_id: str, *, chinese: bool = False) -> bytes:
    """Body of an error on the ESB shape, which is answered with HTTP 200."""
    message = _worded(translated(refusal.code.message), translated(refusal.reason)) if chinese else refusal.message
    return json.dumps(
        {
            "result": False,
            "code": refusal.code.esb_code,
            "message": message,
            "data": None,
            "request_id": request_id,
        },
        ensure_ascii=False,
    ).encode()


def _header_value(text: str) -> bytes:
    """Printable ASCII; anything else would be an invalid or ambiguous header."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text).encode("ascii")
