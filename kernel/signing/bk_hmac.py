"""The ESB signature ``bk_signature``: HMAC-SHA1 over method, path, sorted parameters and the raw body."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from kernel.signing.errors import SignatureInvalid

WINDOW_SECONDS = 300
PARAMETERS = ("bk_signature", "signature")

_WHOLE_NUMBER = re.compile(r"[0-9]{1,20}")


def sign(secret: str, method: str, path: str, params: Mapping[str, str], body: bytes | None = None) -> str:
    """The signature; ``params`` are the query's, not escaped. ``body`` is signed as the parameter ``data``."""
    signed = {name: value.encode() for name, value in params.items() if name not in PARAMETERS}
    if body is not None:
        signed["data"] = body
    query = b"&".join(name.encode() + b"=" + signed[name] for name in sorted(signed))
    message = f"{method.upper()}{path}?".encode() + query
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha1)).decode("ascii")


def signature_of(params: Mapping[str, str]) -> str:
    """The signature among the parameters, empty where there is none."""
    return params.get("bk_signature") or params.get("signature") or ""


def verify(
    secret: str, method: str, path: str, params: Mapping[str, str], body: bytes | None = None, *, now: float
) -> None:
    """Raises SignatureInvalid unless ``params`` carry a right signature, a positive nonce and a recent timestamp."""
    given = signature_of(params)
    nonce, timestamp = params.get("bk_nonce", ""), params.get("bk_timestamp", "")
    if not _WHOLE_NUMBER.fullmatch(nonce) or int(nonce) == 0:
        raise SignatureInvalid("bk_nonce must be a positive whole number")
    if not _WHOLE_NUMBER.fullmatch(timestamp) or int(timestamp) < now - WINDOW_SECONDS:
        raise SignatureInvalid("bk_timestamp is missing or too old")
    if not hmac.compare_digest(sign(secret, method, path, params, body).encode(), given.encode()):
        raise SignatureInvalid("bk_signature does not hold")
