"""DPoP proofs (RFC 9449): that who sends a token holds the private key it is bound to. Pure: no memory of proofs."""

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from kernel.signing import jws
from kernel.signing.errors import TokenInvalid
from kernel.signing.jwk import CURVES, verifying_key
from kernel.signing.keys import VerifyingKey

PAST_SECONDS: Final = 60
FUTURE_SECONDS: Final = 5
"""How far ``iat`` may lie before and behind our time: proofs are made for one request (RFC 9449 §11.1)."""

_LONGEST = 2048
_LONGEST_ID = 256
_LONGEST_NONCE = 256
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ProofInvalid(TokenInvalid):
    """The proof does not hold; the message says why, and holds no part of the token."""


class NonceNeeded(ProofInvalid):
    """The proof holds, but for the nonce; the client gets one and tries again."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds for its request. Whether it was used before is for the caller to know.

    Attributes:
        thumbprint: of the key (RFC 7638); a token bound to it says the same in ``cnf.jkt``.
        proof_id: ``jti``, unique for the key.
        issued_at: seconds since 1970.
    """

    thumbprint: str
    proof_id: str
    issued_at: float
    nonce: str | None


def verify_proof(
    proof: str, *, method: str, targets: Collection[str], now: float, access_token: str | None = None
) -> Proof:
    """Checks a proof as RFC 9449 §4.3 says, all but ``nonce`` and repetition.

    Args:
        targets: the addresses the request may have been sent to, each as ``normal_target`` writes it.
        access_token: the token it comes with; ``ath`` must be its digest. None at the token endpoint.

    Raises:
        ProofInvalid: with a reason that is safe to tell the caller.
    """
    try:
        claims, key = _verified(proof)
    except ProofInvalid:
        raise
    except TokenInvalid as problem:
        raise ProofInvalid(str(problem).replace("the token", "the proof")) from problem
    if claims.get("htm") != method:
        raise ProofInvalid("htm is not the request's method")
    if normal_target(_text(claims, "htu", _LONGEST)) not in targets:
        raise ProofInvalid("htu is not the request's address, without query")
    if access_token is not None and not hmac.compare_digest(
        _text(claims, "ath", _LONGEST_ID).encode(), token_digest(access_token).encode()
    ):
        raise ProofInvalid("ath is not the SHA-256 of the access token")
    return Proof(
        key.kid,
        _text(claims, "jti", _LONGEST_ID),
        _recent(claims, now),
        _text(claims, "nonce", _LONGEST_NONCE) if "nonce" in claims else None,
    )


def token_digest(access_token: str) -> str:
    """What ``ath`` must be (RFC 9449 §4.2)."""
    digest = hashlib.sha256(access_token.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def normal_target(uri: str) -> str:
    """An http address without query and fragment, in the one form of RFC 3986 §6.2.2 and §6.2.3.

    Raises ProofInvalid for what is none.
    """
    if not _VISIBLE.fullmatch(uri):
        raise ProofInvalid("htu is not an address")
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise ProofInvalid("htu is not an address") from problem
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise ProofInvalid("htu is not an http or https address")
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        shown = f"{shown}:{port}"
    return f"{parts.scheme}://{shown}{_normal_path(parts.path)}"


def _verified(proof: str) -> tuple[dict[str, Any], VerifyingKey]:
    if len(proof) > _LONGEST:
        raise ProofInvalid("the proof is too long")
    used: list[VerifyingKey] = []

    def key_of(header: dict[str, Any]) -> VerifyingKey:
        if str(header.get("typ", "")).lower() != "dpop+jwt":
            raise ProofInvalid("typ is not dpop+jwt")
        alg = header.get("alg")
        if alg not in CURVES:
            raise ProofInvalid(f"alg is not one of {', '.join(CURVES)}")
        used.append(verifying_key(header.get("jwk"), alg))
        return used[0]

    _, claims = jws.decode_with(proof, key_of)
    return claims, used[0]


def _recent(claims: dict[str, Any], now: float) -> float:
    issued_at = claims.get("iat")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float):
        raise ProofInvalid("iat is not a moment")
    if not now - PAST_SECONDS <= issued_at <= now + FUTURE_SECONDS:
        raise ProofInvalid(f"iat is not within the last {PAST_SECONDS} seconds; set the clock, make each proof anew")
    return float(issued_at)


def _text(claims: dict[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value or len(value) > longest:
        raise ProofInvalid(f"{name} is missing, not text or too long")
    return value


def _normal_path(path: str) -> str:
    plain = _ESCAPE.sub(_normal_escape, path)
    if not plain:
        return "/"
    if "/." not in plain:
        return plain
    kept: list[str] = []
    segments = plain.split("/")
    for at, segment in enumerate(segments):
        is_last = at == len(segments) - 1
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if is_last:
            kept.append("")
    return "/".join(kept)


def _normal_escape(found: re.Match[str]) -> str:
    sign = chr(int(found.group(1), 16))
    return sign if sign in _UNRESERVED else found.group().upper()
