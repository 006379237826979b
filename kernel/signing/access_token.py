"""Verification of our access tokens: JWT profile of RFC 9068."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.signing import jws
from kernel.signing.errors import TokenInvalid
from kernel.signing.keys import VerifyingKey

TYPES = ("at+jwt", "application/at+jwt")


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a verified access token says.

    Attributes:
        client_id: the app.
        subject: whom the token speaks for: a user, or the app itself.
        actor: ``act.sub`` (RFC 8693 §4.1): for a task's token the person who launched it.
        project_id: the claim ``project_id``, if there is one; ``task_id`` likewise: the task the token was made for.
        issued_at: seconds since 1970, as is ``expires_at``.
        key_thumbprint: ``cnf.jkt`` (RFC 9449 §6): whoever sends the token must prove to hold that key.
        audiences: what it is for, one or more.
        authorization_id: ``sid``, in tokens that a person allowed: what ends with that.
        origins: ``origins``, the tokens it was exchanged from, each by its ``jti`` and app: it ends with any of them.
        speaks_for_app: ``sub`` is another app, whose token was exchanged for this one (RFC 8693); ``sub_kind`` says so.
    """

    token_id: str
    client_id: str
    subject: str
    scopes: frozenset[str]
    issued_at: float
    expires_at: float
    actor: str | None = None
    project_id: str | None = None
    task_id: str | None = None
    key_thumbprint: str | None = None
    audiences: tuple[str, ...] = ()
    authorization_id: str | None = None
    origins: tuple[tuple[str, str], ...] = ()
    speaks_for_app: bool = False

    @property
    def user(self) -> str | None:
        """The person on whose behalf the app calls, if any."""
        if self.authorization_id is not None:
            return self.subject
        if self.speaks_for_app:
            return None
        if self.actor is not None:
            return self.actor
        return self.subject if self.subject != self.client_id else None


def verify_access_token(
    token: str,
    keys: Mapping[str, VerifyingKey],
    *,
    issuer: str,
    audience: str | None,
    now: float,
    takes_bound: bool = False,
) -> AccessClaims:
    """The claims of a token that is signed by one of ``keys``, from ``issuer``, for ``audience`` and valid ``now``.

    Args:
        audience: None where the caller compares ``audiences`` himself.
        takes_bound: the caller compares ``key_thumbprint`` with the key that was proven; without it a token that is
            bound to a key is refused, since whoever has it may have stolen it.

    Raises TokenInvalid, with a reason that is safe to tell the caller.
    """
    header, claims = jws.decode(token, keys)
    if str(header.get("typ", "")).lower() not in TYPES:
        raise TokenInvalid("not an access token")
    if claims.get("iss") != issuer:
        raise TokenInvalid("the token is from another issuer")
    meant_for = claims.get("aud")
    audiences = tuple(meant_for) if isinstance(meant_for, list) else (meant_for,)
    if audience is not None and audience not in audiences:
        raise TokenInvalid("the token is for another audience")
    issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
    if expires_at <= now:
        raise TokenInvalid("the token has expired")
    if "nbf" in claims and _moment(claims, "nbf") > now:
        raise TokenInvalid("the token is not valid yet")
    actor = claims.get("act")
    thumbprint = _confirmation(claims)
    if thumbprint is not None and not takes_bound:
        raise TokenInvalid("the token is bound to a key; send it as Authorization: DPoP, with a proof")
    return AccessClaims(
        token_id=_text(claims, "jti"),
        client_id=_text(claims, "client_id"),
        subject=_text(claims, "sub"),
        scopes=frozenset(_text(claims, "scope").split()) if "scope" in claims else frozenset(),
        issued_at=issued_at,
        expires_at=expires_at,
        actor=_text(actor, "sub") if isinstance(actor, dict) else None,
        project_id=_text(claims, "project_id") if claims.get("project_id") is not None else None,
        task_id=_text(claims, "task_id") if claims.get("task_id") is not None else None,
        key_thumbprint=thumbprint,
        audiences=tuple(each for each in audiences if isinstance(each, str)),
        authorization_id=_text(claims, "sid") if claims.get("sid") is not None else None,
        origins=_origins(claims["origins"]) if "origins" in claims else (),
        speaks_for_app=claims.get("sub_kind") == "app",
    )


def _confirmation(claims: Mapping[str, Any]) -> str | None:
    """``cnf`` (RFC 7800); another way of confirmation than ``jkt`` is none that could be checked here."""
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    if not isinstance(confirmation, dict) or set(confirmation) != {"jkt"}:
        raise TokenInvalid("the token is bound in a way that is not understood")
    return _text(confirmation, "jkt")


def _origins(told: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise TokenInvalid("the token's origins are not what they are")
    return tuple((_text(each, "jti"), _text(each, "client_id")) for each in told)


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenInvalid(f"the token's {name} is not a moment")
    return float(value)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or (not value and name != "scope") or any(ord(sign) < 0x20 for sign in value):  # noqa: PLR2004 - control characters
        raise TokenInvalid(f"the token's {name} is missing or not text")
    return value
