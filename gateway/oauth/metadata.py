"""What clients can find out by themselves: authorization server (RFC 8414) and protected resource (RFC 9728)."""

from collections.abc import Iterable
from typing import Any

from gateway.oauth.authorization.request import CHALLENGE_METHOD, RESPONSE_TYPE
from gateway.oauth.clients.settings import AUTH_METHODS, GRANT_TYPES, PUBLIC
from gateway.oauth.oidc.scopes import OIDC_SCOPES
from kernel.signing import jwk


def authorization_server_metadata(issuer: str, *, registers: bool = False) -> dict[str, Any]:
    """Only what is on.

    Args:
        registers: clients may register themselves.
    """
    registration = {"registration_endpoint": f"{issuer}/oauth/register"} if registers else {}
    return registration | {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "device_authorization_endpoint": f"{issuer}/oauth/device",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "grant_types_supported": list(GRANT_TYPES),
        "response_types_supported": [RESPONSE_TYPE],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": [CHALLENGE_METHOD],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "introspection_endpoint_auth_methods_supported": [method for method in AUTH_METHODS if method != PUBLIC],
        "token_endpoint_auth_signing_alg_values_supported": list(jwk.ALL),
        "dpop_signing_alg_values_supported": list(jwk.CURVES),
    }


def openid_configuration(issuer: str, algorithms: Iterable[str], *, registers: bool = False) -> dict[str, Any]:
    """The same with what OpenID Connect adds.

    Args:
        algorithms: that ID tokens are signed with.
    """
    return authorization_server_metadata(issuer, registers=registers) | {
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "scopes_supported": sorted(OIDC_SCOPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": sorted(set(algorithms)),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid",
            "name", "preferred_username", "locale",
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }  # fmt: skip


def protected_resource_metadata(issuer: str, scopes: frozenset[str], resource: str | None = None) -> dict[str, Any]:
    """Args:
    resource: below the issuer; the gateway as a whole when left out.
    """
    return {
        "resource": resource or issuer,
        "authorization_servers": [issuer],
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": sorted(scopes),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(jwk.CURVES),
    }
