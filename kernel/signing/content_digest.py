"""``Content-Digest`` (RFC 9530)."""

import base64
import hashlib
import hmac

from kernel.signing.errors import SignatureInvalid
from kernel.signing.structured_fields import parse_dictionary

_ALGORITHMS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def content_digest(body: bytes) -> str:
    """The field value for a body: its SHA-256."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def verify_content_digest(value: str, body: bytes) -> None:
    """Raises SignatureInvalid unless a known digest is there and every known one fits the body."""
    members = parse_dictionary(value)
    known = [(name, member) for name, member in members.items() if name in _ALGORITHMS]
    if not known:
        raise SignatureInvalid("Content-Digest has no sha-256 and no sha-512")
    for name, member in known:
        digest = member.item
        if not isinstance(digest, bytes) or not hmac.compare_digest(_ALGORITHMS[name](body).digest(), digest):
            raise SignatureInvalid("Content-Digest does not fit the body")
