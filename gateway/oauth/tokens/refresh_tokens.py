"""Refresh tokens: each is used once and gives the next (RFC 9700 §4.14.2). Pure.

A client whose answer was lost on its way, or that asks twice at once, gets the same successor again, as long as that
was not used: so there is only ever one line of tokens, and whoever uses an old one shows that two have it.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

PREFIX: Final = "tlr_"
GRACE: Final = timedelta(seconds=10)
"""How long after its use a token is taken for the same request sent again."""


def new_salt() -> str:
    return secrets.token_hex(32)


def successor(token: str, salt: str) -> str:
    """The next token: nobody computes it with the token alone, nor with what the database holds."""
    made = hmac.digest(token.encode("utf-8", "surrogatepass"), salt.encode(), hashlib.sha256)
    return PREFIX + base64.urlsafe_b64encode(made).rstrip(b"=").decode()
