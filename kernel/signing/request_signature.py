"""How the gateway signs a request to a system, and how the system checks it: the profile ``http-message-signature``.

One RFC 9421 signature labelled ``trunkline`` with the parameters created, expires, nonce, keyid and alg. It covers
``@method``, ``@target-uri``, ``content-digest`` when there is a body, ``idempotency-key`` and ``x-request-id`` when
they are there, and every ``x-trunkline-`` header. A verifier in three lines::

    message = message_from_asgi(scope)
    signature = verify_request(message, body, keys={"cmdb": key}, now=time.time(), nonce_seen=store.seen)
    app = message.header("x-trunkline-app")
"""

import random
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kernel.signing import algorithms
from kernel.signing.algorithms import SigningKey, VerificationKey, algorithm_of
from kernel.signing.content_digest import verify_content_digest
from kernel.signing.errors import SignatureInvalid
from kernel.signing.http_message_signature import RequestMessage, signature_base
from kernel.signing.structured_fields import Member, parse_dictionary

LABEL = "trunkline"
WINDOW_SECONDS = 60
SKEW_SECONDS = 5
COVERED_PREFIX = "x-trunkline-"
COVERED_WHEN_SENT = ("content-digest", "idempotency-key", "x-request-id")

_LONGEST_NONCE = 64
_BLOCK = 64

NonceSeen = Callable[[str, float], bool]


class _HmacSha256:
    """HMAC (RFC 2104) with both padded keys hashed beforehand: half the time of ``hmac.digest`` on a short text."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        padded = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def __call__(self, text: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


class RequestSigner:
    """Signs with one key. Made once for each key; ``sign`` is on the hot road."""

    __slots__ = ("_sign", "_tail")

    def __init__(self, key_id: str, key: SigningKey) -> None:
        if '"' in key_id or "\\" in key_id or not key_id.isascii() or not key_id.isprintable():
            raise ValueError("a key id must be printable ASCII without quotes")
        self._sign: Callable[[bytes], bytes] = (
            _HmacSha256(key) if isinstance(key, bytes) else lambda text: algorithms.sign(text, key)
        )
        self._tail = f'";keyid="{key_id}";alg="{algorithm_of(key)}"'

    def sign(self, method: str, target_uri: str, covered: Sequence[tuple[str, str]], now: int) -> str:
        """The two header lines ``signature-input`` and ``signature``, each ended by CRLF.

        ``covered`` are the further headers to cover: lower-case names and the values exactly as they are sent.
        """
        # A nonce must be unique, not secret; asking the system for randomness would be a tenth of a call's CPU time.
        nonce = f"{random.getrandbits(128):032x}"
        names = "".join([f' "{name}"' for name, _ in covered])
        lines = "".join([f'"{name}": {value}\n' for name, value in covered])
        params = (
            f'("@method" "@target-uri"{names});created={now};expires={now + WINDOW_SECONDS};nonce="{nonce}{self._tail}'
        )
        base = f'"@method": {method}\n"@target-uri": {target_uri}\n{lines}"@signature-params": {params}'.encode(
            "latin-1"
        )
        signature = b64encode(self._sign(base)).decode("ascii")
        return f"signature-input: {LABEL}={params}\r\nsignature: {LABEL}=:{signature}:\r\n"


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """``nonce`` must not be accepted again before ``expires`` (seconds since 1970)."""

    key_id: str
    nonce: str
    created: int
    expires: int
    covered: frozenset[str]


def message_from_asgi(scope: Mapping[str, Any]) -> RequestMessage:
    """The request of an ASGI scope; its target is taken from the Host header and the undecoded path."""
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    host = next((value for name, value in headers if name == "host"), "")
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    target = f"{scope.get('scheme', 'http')}://{host}{path}" + (f"?{query}" if query else "")
    return RequestMessage(scope["method"], target, headers)


def verify_request(
    message: RequestMessage,
    body: bytes,
    *,
    keys: Mapping[str, VerificationKey],
    now: float,
    nonce_seen: NonceSeen,
) -> VerifiedSignature:
    """Checks everything: coverage, digest, window, key, signature, and last that the nonce is new.

    ``nonce_seen(nonce, expires)`` keeps the nonce until it expires, and answers whether it was there already; it is
    asked only when all else holds. Who keeps nonces asynchronously answers False here and checks the result's.
    Raises SignatureInvalid.
    """
    covered = _one_member(message, "signature-input")
    signature = _one_member(message, "signature").item
    if not covered.is_list or not isinstance(signature, bytes):
        raise SignatureInvalid("the signature is malformed")
    verified, alg = _parameters(covered)
    if not verified.created - SKEW_SECONDS <= now < verified.expires:
        raise SignatureInvalid("the signature has expired or is from the future")
    if not 0 < verified.expires - verified.created <= WINDOW_SECONDS:
        raise SignatureInvalid("the signature is valid for longer than is accepted")
    _check_coverage(message, body, verified.covered)
    key = keys.get(verified.key_id)
    if key is None or alg != algorithm_of(key):
        raise SignatureInvalid("the signature's key is not known here, or its algorithm is another")
    algorithms.verify(signature_base(message, covered), signature, key)
    digest_value = message.header("content-digest")
    if digest_value is not None:
        verify_content_digest(digest_value, body)
    if nonce_seen(verified.nonce, verified.expires):
        raise SignatureInvalid("the request was seen before")
    return verified


def _one_member(message: RequestMessage, field: str) -> Member:
    value = message.header(field)
    if value is None:
        raise SignatureInvalid("the request is not signed")
    member = parse_dictionary(value).get(LABEL)
    if member is None:
        raise SignatureInvalid(f"the request has no signature labelled {LABEL}")
    return member


def _parameters(covered: Member) -> tuple[VerifiedSignature, str]:
    given = covered.parameters
    created, expires = given.get("created"), given.get("expires")
    nonce, key_id, alg = given.get("nonce"), given.get("keyid"), given.get("alg")
    if type(created) is not int or type(expires) is not int:
        raise SignatureInvalid("the signature has no created or no expires")
    if not isinstance(nonce, str) or not 0 < len(nonce) <= _LONGEST_NONCE or not isinstance(key_id, str):
        raise SignatureInvalid("the signature has no nonce or no keyid")
    names = frozenset(str(name) for name, parameters in covered.items if not parameters)
    return VerifiedSignature(key_id, nonce, created, expires, names), str(alg)


def _check_coverage(message: RequestMessage, body: bytes, covered: frozenset[str]) -> None:
    sent = {name for name, _ in message.headers}
    # A server that hands headers on as variables takes an underscore for a hyphen.
    needed = {"@method", "@target-uri"} | {name for name in sent if name.replace("_", "-").startswith(COVERED_PREFIX)}
    needed |= sent.intersection(COVERED_WHEN_SENT)
    if body:
        needed.add("content-digest")
    missing = needed - covered
    if missing:
        raise SignatureInvalid(f"the signature does not cover {', '.join(sorted(missing))}")
