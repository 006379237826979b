"""What a secured call is made of, for our gateway and for the naive one: one key, one app, one token, one system."""

import base64
import json
import time

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ISSUER = "https://gateway.example"
AUDIENCE = "https://gateway.example/api"
APP = "bench"
SYSTEM_KEY = b"0123456789abcdef0123456789abcdef"
COMPONENT = "search_business"
BODY = json.dumps({"fields": ["bk_biz_id", "bk_biz_name"], "condition": {"bk_biz_name": "demo"}, "page": {"limit": 10}})

TYPICAL_JWT = "h" * 100 + "." + "c" * 300 + "." + "s" * 342
"""What Envoy adds instead of an ``X-Bkapi-JWT`` of its own: as long as ours."""

_KEY = derive_private_key(0x1234567890ABCDEF, SECP256R1())


def public_key_pem() -> str:
    return _KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_jwks() -> dict[str, list[dict[str, str]]]:
    """The token's key as Envoy takes it."""
    numbers = _KEY.public_key().public_numbers()
    x, y = (_text(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"keys": [{"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "bench", "x": x, "y": y}]}


def access_token() -> str:
    """An RFC 9068 token of the benchmark's own key."""
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": APP, "client_id": APP, "jti": "bench-1", "iat": now,
        "exp": now + 86400, "scope": "cmdb:read job:run",
    }  # fmt: skip
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "bench"}
    signed = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
    r, s = decode_dss_signature(_KEY.sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def rsa_key_pem() -> bytes:
    """A new private key for ``X-Bkapi-JWT``."""
    return generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def head_bytes(port: int, method: str, path: str, length: int | None = None) -> bytes:
    """The head of a call with the token; ``length`` is that of a body."""
    framing = "" if length is None else f"content-length: {length}\r\n"
    return (
        f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nuser-agent: bench/1\r\naccept: */*\r\n"
        f"authorization: Bearer {access_token()}\r\n{framing}\r\n"
    ).encode()


def request_bytes(port: int, system: str) -> bytes:
    """The call every gateway gets, as it stands on the wire."""
    return (
        f"POST /api/{system}/prod/{COMPONENT} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
        "user-agent: bench/1\r\naccept: */*\r\n"
        f"authorization: Bearer {access_token()}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(BODY)}\r\n\r\n{BODY}"
    ).encode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
