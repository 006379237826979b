"""JWT access tokens (RFC 9068)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt

from gateway.oauth.keys import ALGORITHM, Signer
from kernel.clock import Clock
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """Attributes:
    expires_at: seconds since the epoch.
    """

    value: str
    token_id: str
    scopes: frozenset[str]
    expires_at: float


class AccessTokenIssuer:
    def __init__(self, issuer: str, clock: Clock) -> None:
        self.issuer = issuer
        self._clock = clock

    def issue(
        self,
        signer: Signer,
        *,
        app_code: str,
        scopes: Iterable[str],
        seconds: int,
        claims: dict[str, Any] | None = None,
    ) -> IssuedToken:
        """A token of an app for itself.

        Args:
            claims: further ones, e.g. `act` (RFC 8693 §4.1).
        """
        now = int(self._clock.now().timestamp())
        granted = frozenset(scopes)
        token_id = new_id()
        payload = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": app_code,
            "client_id": app_code,
            "scope": " ".join(sorted(granted)),
            "iat": now,
            "exp": now + seconds,
            "jti": token_id,
            **(claims or {}),
        }
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": signer.kid}
        value = jwt.encode(header, payload, signer.key, algorithms=[ALGORITHM])
        return IssuedToken(value, token_id, granted, float(now + seconds))
