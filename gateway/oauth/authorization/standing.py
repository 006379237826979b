"""What is still missing before a request can be answered: a sign-in, a consent, or nothing. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.oauth.authorization.request import AuthorizationRequest
from gateway.oauth.clients.settings import ClientSettings


class Missing(StrEnum):
    SIGN_IN = "sign_in"
    CONSENT = "consent"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Who sits at the browser, by its session.

    Attributes:
        signed_in_at: when he proved who he is.
    """

    username: str
    signed_in_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that holds, with what it is measured by.

    Attributes:
        scopes: what its tokens would carry.
        resource: what they would be for; `None` for everything.
        received_at: when the request first came.
    """

    request: AuthorizationRequest
    settings: ClientSettings
    scopes: frozenset[str]
    resource: str | None
    received_at: datetime


def missing(asked: Asked, person: SignedInPerson | None, consented: frozenset[str] | None, now: datetime) -> Missing:
    """Args:
    consented: what the person agreed to before; `None` when he was never asked.
    """
    if person is None or not _fresh(asked, person, now):
        return Missing.SIGN_IN
    if "consent" in asked.request.prompt:
        return Missing.CONSENT
    if not _is_assured(asked):
        return Missing.CONSENT
    if asked.settings.is_first_party or (consented is not None and asked.scopes <= consented):
        return Missing.NOTHING
    return Missing.CONSENT


def _fresh(asked: Asked, person: SignedInPerson, now: datetime) -> bool:
    request = asked.request
    if request.prompt & {"login", "select_account"} and person.signed_in_at < asked.received_at:
        return False
    if request.max_age is None:
        return True
    return person.signed_in_at >= asked.received_at or now - person.signed_in_at <= timedelta(seconds=request.max_age)


def _is_assured(asked: Asked) -> bool:
    """Whether the answer can only reach the client itself: it proves who it is, or owns the web address.

    Any program on a machine can take the address of another there, so people are asked each time (RFC 8252 §8.6).
    """
    return not asked.settings.is_public or asked.request.destination.redirect_uri.startswith("https://")
