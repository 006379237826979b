"""What clients can find out by themselves: authorization server (RFC 8414) and protected resource (RFC 9728)."""

from typing import Any

from gateway.oauth.authorization.request import CHALLENGE_METHOD, RESPONSE_TYPE
from gateway.oauth.clients.settings import AUTH_METHODS, GRANT_TYPES
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
        "jwks_uri": f"{issuer}/oauth/jwks",
        "grant_types_supported": list(GRANT_TYPES),
        "response_types_supported": [RESPONSE_TYPE],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": [CHALLENGE_METHOD],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(jwk.ALL),
        "dpop_signing_alg_values_supported": list(jwk.CURVES),
    }


def protected_resource_metadata(issuer: str, scopes: frozenset[str]) -> dict[str, Any]:
    return {
        "resource": issuer,
        "authorization_servers": [issuer],
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": sorted(scopes),
        "bearer_methods_supported": ["header"],
    }
