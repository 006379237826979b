"""What an app is told of a person (OpenID Connect Core §5.1)."""

from typing import Any

from gateway.identity.users.models import User
from gateway.oauth.oidc.scopes import PROFILE


def person_claims(user: User, scopes: frozenset[str]) -> dict[str, Any]:
    """`sub` is the user name, which never goes to somebody else."""
    claims: dict[str, Any] = {"sub": user.username}
    if PROFILE in scopes:
        claims |= {
            "name": user.display_name or user.username,
            "preferred_username": user.username,
        }
        if user.language is not None:
            claims["locale"] = user.language
    return claims
