"""Errors of OAuth that Authlib has no name for, and one that is not for the client."""

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidGrantError

from gateway.oauth.tokens.models import Authorization


class InvalidTarget(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The `resource` asked for is none of ours, or not this client's to ask for (RFC 8707 §2)."""

    error = "invalid_target"


class InvalidProof(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """A DPoP proof is missing or does not hold (RFC 9449 §5)."""

    error = "invalid_dpop_proof"


class NonceNeeded(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """A DPoP proof holds, but for the nonce that the answer brings (RFC 9449 §8)."""

    error = "use_dpop_nonce"


class LoginRequired(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The person would have to sign in, and must not be asked (OpenID Connect Core §3.1.2.6)."""

    error = "login_required"


class ConsentRequired(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The person would have to be asked, and must not be (OpenID Connect Core §3.1.2.6)."""

    error = "consent_required"


class NotSupported(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """A parameter that changes what a request means, and that we don't read (OpenID Connect Core §3.1.2.6)."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"The parameter {parameter} is not supported", error=f"{parameter}_not_supported")


class Replayed(InvalidGrantError):  # type: ignore[misc]  # Authlib ships no types
    """A code or refresh token was used a second time: whoever has it may have stolen it (RFC 9700 §4.5, §4.14).

    Attributes:
        authorization: what ends therefore.
    """

    def __init__(self, description: str, authorization: Authorization) -> None:
        super().__init__(description)
        self.authorization = authorization


class UntrustedRequest(Exception):
    """An authorization request that is not answered to the address it names; its text is for the person himself."""
