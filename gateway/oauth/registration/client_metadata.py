"""What a client says of itself when it registers (RFC 7591 §2), and what is made of it. Pure."""

from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.base import OAuth2Error
from pydantic import ValidationError

from gateway.oauth.clients.checks import settings_problems
from gateway.oauth.clients.schemas import ClientSettingsInput
from gateway.oauth.clients.settings import (
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
    ClientSettings,
)
from gateway.oauth.form import tellable
from kernel.names import name_problem

GRANT_TYPES: Final = (AUTHORIZATION_CODE, REFRESH_TOKEN)
"""Whoever registers himself acts for people who allow it; tokens of an app for itself are for apps somebody made."""

_READ: Final = (
    "redirect_uris",
    "post_logout_redirect_uris",
    "grant_types",
    "token_endpoint_auth_method",
    "jwks",
    "jwks_uri",
    "dpop_bound_access_tokens",
)
_LONGEST_NAME = 200


class InvalidMetadata(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """RFC 7591 §3.2.2."""

    error = "invalid_client_metadata"


class InvalidRedirectUri(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """RFC 7591 §3.2.2."""

    error = "invalid_redirect_uri"


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """Attributes:
    name: for people; the one a client gives itself, so nothing to trust.
    """

    name: str
    settings: ClientSettings


def read_metadata(sent: object, longest: int) -> ClientMetadata:
    """What is not understood is left out, as RFC 7591 §2 says; what is understood must hold.

    Args:
        longest: seconds that access tokens hold at most.

    Raises:
        InvalidMetadata: naming what is wrong.
        InvalidRedirectUri: there is none, or one that can't be registered.
    """
    if not isinstance(sent, dict):
        raise InvalidMetadata("The body is not a JSON object")
    if "software_statement" in sent:
        raise InvalidMetadata("A software_statement is not taken; leave it out")
    if sent.get("response_types", ["code"]) != ["code"]:
        raise InvalidMetadata("response_types is code alone")
    usual: dict[str, Any] = {"grant_types": [AUTHORIZATION_CODE]}
    members = usual | {name: sent[name] for name in _READ if sent.get(name) is not None}
    try:
        read = ClientSettingsInput.model_validate(members)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidMetadata(tellable(f"{where}: {first['msg']}")) from error
    settings = ClientSettings(**read.model_dump())
    _check(settings, longest)
    return ClientMetadata(_name(sent), settings)


def _check(settings: ClientSettings, longest: int) -> None:
    strange = [each for each in settings.grant_types if each not in GRANT_TYPES]
    if strange or AUTHORIZATION_CODE not in settings.grant_types:
        raise InvalidMetadata(f"grant_types are {' and '.join(GRANT_TYPES)} for clients that register themselves")
    if not settings.redirect_uris:
        raise InvalidRedirectUri("redirect_uris is missing")
    for problem in settings_problems(settings, longest):
        kind = InvalidRedirectUri if "redirect_uris" in problem.field else InvalidMetadata
        raise kind(tellable(f"{problem.field} {problem.problem}. {problem.remedy}"))


def _name(sent: dict[str, Any]) -> str:
    name = sent.get("client_name", "")
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        raise InvalidMetadata(f"client_name is a line of at most {_LONGEST_NAME} signs")
    if (problem := name_problem("client_name", name)) is not None:
        raise InvalidMetadata(f"{problem.field} {problem.problem}. {problem.remedy}")
    return name.strip()


def told_metadata(metadata: ClientMetadata) -> dict[str, Any]:
    """As answers to the client say it (RFC 7591 §3.2.1)."""
    settings = metadata.settings
    members: dict[str, Any] = {name: getattr(settings, name) for name in _READ}
    told = {
        name: list(value) if isinstance(value, tuple) else value for name, value in members.items() if value is not None
    }
    return told | {"response_types": ["code"], "client_name": metadata.name}
