"""Scopes of OpenID Connect: they tell an app who the person is, and need no grant on any system."""

from typing import Final

OPENID: Final = "openid"
PROFILE: Final = "profile"
OIDC_SCOPES: Final = frozenset({OPENID, PROFILE})
