"""A sign-in under way, kept by the browser that began it: sealed, so that nobody else can begin one for it."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from kernel.secrets import SecretBox, SecretUnreadable

COOKIE: Final = "trunkline_sign_in"
MINUTES: Final = 10
_PURPOSE: Final = "gateway sign-in attempt"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Attributes:
    redirect: the page of the console to go on to.
    expires_at: seconds since 1970.
    """

    provider: str
    issuer: str
    state: str
    nonce: str
    code_verifier: str
    redirect: str
    expires_at: float

    def sealed(self, box: SecretBox) -> str:
        return box.seal(json.dumps(asdict(self)).encode(), _PURPOSE)


def new_attempt(provider: str, issuer: str, redirect: str, now: datetime) -> Attempt:
    return Attempt(
        provider=provider,
        issuer=issuer,
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        code_verifier=secrets.token_urlsafe(48),
        redirect=redirect,
        expires_at=(now + timedelta(minutes=MINUTES)).timestamp(),
    )


def opened(sealed: str, box: SecretBox, now: datetime) -> Attempt | None:
    """The attempt of this browser; `None` when there is none, or it took too long."""
    try:
        attempt = Attempt(**json.loads(box.open(sealed, _PURPOSE)))
    except (SecretUnreadable, ValueError, TypeError):
        return None
    return attempt if attempt.expires_at > now.timestamp() else None


def safe_redirect(path: str) -> str:
    """A page of our own; anything that could lead elsewhere is the first page."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_ours else "/"
