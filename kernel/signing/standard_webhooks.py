"""Webhooks signed as <https://www.standardwebhooks.com> has it: HMAC-SHA256 over id, time and body. Pure."""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from kernel.signing.errors import SignatureInvalid

PREFIX: Final = "whsec_"
"""How a secret begins as people handle it; Base64 of its bytes follows."""

TOLERANCE_SECONDS: Final = 300
_LONGEST_TIME = 12
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers that prove where a webhook comes from and when it was sent.

    Args:
        secret: `whsec_` and Base64.
        message_id: stays the same when the message is sent again, so that its receiver knows it.
        timestamp: seconds since 1970.
    """
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_digest(_key(secret), message_id, str(timestamp), body)}",
    }


def verify(secret: str, message_id: str, timestamp: str, signatures: str, body: bytes, now: float) -> None:
    """Raises SignatureInvalid, unless one of the signatures is the secret's and the time is near.

    Args:
        signatures: the header as it came, several separated by spaces.
        now: seconds since 1970.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIME):
        raise SignatureInvalid("webhook-timestamp is no time in seconds")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureInvalid(f"webhook-timestamp is more than {TOLERANCE_SECONDS} seconds away")
    expected = _digest(_key(secret), message_id, timestamp, body).encode()
    sent = [each.removeprefix("v1,") for each in signatures.split(" ") if each.startswith("v1,")]
    if not any(hmac.compare_digest(expected, each.encode()) for each in sent):
        raise SignatureInvalid("no signature in webhook-signature is the secret's")


def _digest(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureInvalid(f"the secret is not {PREFIX} and Base64") from error
