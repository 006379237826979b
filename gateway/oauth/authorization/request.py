"""Authorization requests (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1): what holds, and what is said
of what doesn't. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError, UnauthorizedClientError

from gateway.oauth.clients.redirect_uris import matches
from gateway.oauth.clients.settings import AUTHORIZATION_CODE, ClientSettings
from gateway.oauth.errors import NotSupported, UntrustedRequest
from gateway.oauth.form import tellable

CHALLENGE_METHOD: Final = "S256"
RESPONSE_TYPE: Final = "code"
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_UNREAD = ("request", "request_uri", "registration")
_LONGEST_NONCE = 500
_LONGEST_AGE = 10


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the answer goes, once that is known to be the client's own address.

    Attributes:
        uri_sent: false when the client left it out, having registered just one.
    """

    app_code: str
    redirect_uri: str
    uri_sent: bool
    state: str | None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Attributes:
    scope: as asked for; `None` for what is usual.
    prompt: what the client wants the person to be asked.
    max_age: seconds since he signed in, at most.
    dpop_jkt: thumbprint of the key that whoever redeems the code must prove to hold (RFC 9449 §10).
    """

    destination: Destination
    scope: str | None
    resource: str | None
    code_challenge: str
    nonce: str | None
    prompt: frozenset[str]
    max_age: int | None
    dpop_jkt: str | None = None

    @property
    def must_not_ask(self) -> bool:
        return "none" in self.prompt


def destination_of(parameters: Mapping[str, str], app_code: str, settings: ClientSettings) -> Destination:
    """Where answers to the request go, errors too.

    Raises:
        UntrustedRequest: the address is not one the client registered: nothing may be sent there (RFC 9700 §4.11).
    """
    sent, registered = parameters.get("redirect_uri"), settings.redirect_uris
    if sent is None:
        if len(registered) != 1:
            raise UntrustedRequest("The app did not say where to send you back to (redirect_uri)")
        return Destination(app_code, registered[0], False, parameters.get("state"))
    if not matches(sent, registered):
        raise UntrustedRequest("The address the app wants you sent back to (redirect_uri) is not registered for it")
    return Destination(app_code, sent, True, parameters.get("state"))


def read_request(
    parameters: Mapping[str, str], destination: Destination, settings: ClientSettings
) -> AuthorizationRequest:
    """The request.

    Raises:
        OAuth2Error: for the client, to be sent to the destination.
    """
    for name in _UNREAD:
        if name in parameters:
            raise NotSupported(name)
    _check_response(parameters, destination, settings)
    return AuthorizationRequest(
        destination=destination,
        scope=parameters.get("scope"),
        resource=parameters.get("resource"),
        code_challenge=_challenge(parameters),
        nonce=_nonce(parameters),
        prompt=_prompt(parameters),
        max_age=_max_age(parameters),
        dpop_jkt=_thumbprint(parameters),
    )


def _check_response(parameters: Mapping[str, str], destination: Destination, settings: ClientSettings) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise InvalidRequestError("The parameter response_type is missing; send code")
    if response_type != RESPONSE_TYPE:
        raise OAuth2Error(
            f"The response_type {tellable(response_type)} is not offered; no token goes through a browser, use code",
            error="unsupported_response_type",
        )
    if AUTHORIZATION_CODE not in settings.grant_types:
        raise UnauthorizedClientError(
            f"{destination.app_code} may not use {AUTHORIZATION_CODE}; add it to the grant types of its OAuth settings"
        )
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequestError("The response_mode is query, and no other")


def _challenge(parameters: Mapping[str, str]) -> str:
    challenge = parameters.get("code_challenge")
    if challenge is None:
        raise InvalidRequestError("The parameter code_challenge is missing; PKCE is required (RFC 7636)")
    if parameters.get("code_challenge_method") != CHALLENGE_METHOD:
        raise InvalidRequestError(f"The code_challenge_method must be {CHALLENGE_METHOD}")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError("The code_challenge is no SHA-256 in base64url without padding")
    return challenge


def _thumbprint(parameters: Mapping[str, str]) -> str | None:
    value = parameters.get("dpop_jkt")
    if value is not None and not _CHALLENGE.fullmatch(value):
        raise InvalidRequestError("The dpop_jkt is no SHA-256 thumbprint in base64url without padding (RFC 7638)")
    return value


def _nonce(parameters: Mapping[str, str]) -> str | None:
    nonce = parameters.get("nonce")
    if nonce is not None and len(nonce) > _LONGEST_NONCE:
        raise InvalidRequestError(f"The nonce is longer than {_LONGEST_NONCE} signs")
    return nonce


def _prompt(parameters: Mapping[str, str]) -> frozenset[str]:
    prompt = frozenset(parameters.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise InvalidRequestError(f"prompt is none alone, or of {', '.join(sorted(PROMPTS - {'none'}))}")
    return prompt


def _max_age(parameters: Mapping[str, str]) -> int | None:
    value = parameters.get("max_age")
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= _LONGEST_AGE):
        raise InvalidRequestError("max_age is a number of seconds")
    return int(value)
