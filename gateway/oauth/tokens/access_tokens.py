"""JWT access tokens (RFC 9068)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.oauth.keys.key_pairs import Signer
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
    seconds: int
    expires_at: float
    is_bound: bool = False

    def answer(self) -> dict[str, Any]:
        """As the members of a token response (RFC 6749 §5.1)."""
        return {
            "access_token": self.value,
            "token_type": "DPoP" if self.is_bound else "Bearer",
            "expires_in": self.seconds,
            "scope": " ".join(sorted(self.scopes)),
        }


class AccessTokenIssuer:
    """Args:
    seconds: how long tokens hold where nothing else is said.
    """

    def __init__(self, issuer: str, clock: Clock, seconds: int) -> None:
        self.issuer = issuer
        self._clock = clock
        self._seconds = seconds

    def issue(
        self,
        signer: Signer,
        *,
        app_code: str,
        scopes: Iterable[str],
        seconds: int | None = None,
        claims: dict[str, Any] | None = None,
        key_thumbprint: str | None = None,
    ) -> IssuedToken:
        """A token of an app for itself.

        Args:
            key_thumbprint: of the key that whoever uses it must prove to hold (RFC 9449 §6); `None` for nobody's.
            claims: further ones, e.g. `act` (RFC 8693 §4.1), or others in the place of the usual ones.
        """
        now = int(self._clock.now().timestamp())
        granted = frozenset(scopes)
        token_id = new_id()
        lifetime = self._seconds if seconds is None else seconds
        payload = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": app_code,
            "client_id": app_code,
            "scope": " ".join(sorted(granted)),
            "iat": now,
            "exp": now + lifetime,
            "jti": token_id,
            **(claims or {}),
        }
        if key_thumbprint is not None:
            payload["cnf"] = {"jkt": key_thumbprint}
        value = signer.token("at+jwt", payload)
        return IssuedToken(
            value, token_id, granted, lifetime, float(now + lifetime), is_bound=key_thumbprint is not None
        )
