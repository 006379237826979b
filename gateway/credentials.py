"""Random credentials: shown once, stored as their SHA-256.

256 random bits can't be guessed, so a plain digest is a sufficient verifier and needs no salt.
"""

import hashlib
import secrets


def new_credential(prefix: str = "") -> str:
    """A credential of 256 random bits, URL-safe."""
    return prefix + secrets.token_urlsafe(32)


def digest(credential: str) -> str:
    """What is stored of a credential, and what it is found by."""
    return hashlib.sha256(credential.encode("utf-8", "surrogatepass")).hexdigest()
