"""Codes that people type (RFC 8628 §6.1): no vowels, so that they make no words, and nothing that looks alike. Pure."""

import secrets
from typing import Final

ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
_SIGNS: Final = 8


def new_user_code() -> str:
    """Of 20^8 codes: with ten guesses in ten minutes for a person nobody finds one that waits."""
    made = "".join(secrets.choice(ALPHABET) for _ in range(_SIGNS))
    return f"{made[:4]}-{made[4:]}"


def normal_user_code(typed: str) -> str | None:
    """The code as it was given out, however it was typed; `None` for what can't be one."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(signs) != _SIGNS or not set(signs) <= set(ALPHABET):
        return None
    return f"{signs[:4]}-{signs[4:]}"
