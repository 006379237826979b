"""ID tokens (OpenID Connect Core §2)."""

import base64
import hashlib
from typing import Any, Final

from gateway.oauth.keys.key_pairs import Signer
from kernel.clock import Clock

SECONDS: Final = 600


class IdTokenIssuer:
    def __init__(self, issuer: str, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock

    def issue(
        self,
        signer: Signer,
        *,
        app_code: str,
        person: dict[str, Any],
        signed_in_at: float,
        access_token: str,
        session_id: str,
        nonce: str | None,
    ) -> str:
        """Tells the app who signed in, when, and for which of its requests."""
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {
            **person,
            "iss": self._issuer,
            "aud": app_code,
            "iat": now,
            "exp": now + SECONDS,
            "auth_time": int(signed_in_at),
            "at_hash": _half_hash(access_token, signer.alg),
            "sid": session_id,
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return signer.token("JWT", claims)


def _half_hash(value: str, algorithm: str) -> str:
    """`at_hash`: the left half of a hash by the function that the signature uses (§3.1.3.6)."""
    made = hashlib.sha512(value.encode()) if algorithm == "EdDSA" else hashlib.sha256(value.encode())
    half = made.digest()[: made.digest_size // 2]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()
