"""What is wrong with settings somebody sent. Pure."""

from typing import Final
from urllib.parse import urlsplit

from gateway.oauth.clients.redirect_uris import redirect_uri_problem
from gateway.oauth.clients.settings import (
    AUTH_METHODS,
    CLIENT_CREDENTIALS,
    GRANT_TYPES,
    PRIVATE_KEY_JWT,
    TOKEN_EXCHANGE,
    ClientSettings,
)
from kernel.errors import FieldProblem
from kernel.signing import jwk
from kernel.signing.errors import TokenInvalid

MOST_KEYS: Final = 20
_ON_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def settings_problems(settings: ClientSettings, longest: int) -> list[FieldProblem]:
    """Each names its field and what to send instead.

    Args:
        longest: seconds that the platform lets access tokens hold.
    """
    problems = [*_address_problems(settings), *_grant_problems(settings), *_method_problems(settings)]
    if settings.access_token_seconds is not None and settings.access_token_seconds > longest:
        said = f"is longer than the platform lets access tokens hold, {longest}"
        problems.append(FieldProblem("access_token_seconds", said, f"Send at most {longest}"))
    return problems


def _address_problems(settings: ClientSettings) -> list[FieldProblem]:
    remedy = "Send an https address, http://127.0.0.1/… or com.example.app:/…"
    return [
        FieldProblem(f"{field}.{index}", problem, remedy)
        for field in ("redirect_uris", "post_logout_redirect_uris")
        for index, uri in enumerate(getattr(settings, field))
        if (problem := redirect_uri_problem(uri)) is not None
    ]


def _grant_problems(settings: ClientSettings) -> list[FieldProblem]:
    remedy = f"Send some of: {', '.join(GRANT_TYPES)}"
    problems = [
        FieldProblem(f"grant_types.{index}", f"{grant_type[:100]} is not offered", remedy)
        for index, grant_type in enumerate(settings.grant_types)
        if grant_type not in GRANT_TYPES
    ]
    if settings.is_public:
        problems += [
            FieldProblem(
                "grant_types",
                f"{grant_type} is for clients that can prove who they are",
                "Leave it out, or choose another token_endpoint_auth_method",
            )
            for grant_type in (CLIENT_CREDENTIALS, TOKEN_EXCHANGE)
            if grant_type in settings.grant_types
        ]
    return problems


def _method_problems(settings: ClientSettings) -> list[FieldProblem]:
    method = settings.token_endpoint_auth_method
    if method == PRIVATE_KEY_JWT:
        return _key_problems(settings)
    if method in AUTH_METHODS:
        return []
    remedy = f"Send one of: {', '.join(AUTH_METHODS)}"
    return [FieldProblem("token_endpoint_auth_method", f"{method} is not offered", remedy)]


def _key_problems(settings: ClientSettings) -> list[FieldProblem]:
    if (settings.jwks is None) == (settings.jwks_uri is None):
        return [FieldProblem("jwks", "and jwks_uri: one of them holds the app's public keys", "Send one of the two")]
    if settings.jwks_uri is not None:
        if _is_address_of_keys(settings.jwks_uri):
            return []
        return [FieldProblem("jwks_uri", "is not https, nor http on the machine itself", "Send an https address")]
    keys = settings.jwks.get("keys") if settings.jwks is not None else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
        return [FieldProblem("jwks", f"is no set of 1 to {MOST_KEYS} keys", 'Send {"keys": [...]} (RFC 7517 §5)')]
    return [
        FieldProblem(f"jwks.keys.{index}", problem, f"Send a public key for one of: {', '.join(jwk.ALL)}")
        for index, key in enumerate(keys)
        if (problem := _key_problem(key)) is not None
    ]


def _key_problem(key: object) -> str | None:
    problem = ""
    for alg in jwk.ALL:
        try:
            jwk.verifying_key(key, alg, jwk.ALL)
        except TokenInvalid as error:
            problem = str(error)
        else:
            return None
    return problem


def _is_address_of_keys(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not uri.isascii() or not uri.isprintable() or " " in uri or parts.fragment or parts.username is not None:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _ON_MACHINE))
