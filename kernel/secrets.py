"""Secrets at rest: sealed by AES-256-GCM under a key derived from the secret key."""

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """A sealed secret was altered, or sealed under a key that is no longer configured."""


class SecretBox:
    """Seals and opens secrets.

    Each sealed text names the key it was made with, so keys rotate by putting a new one first. `purpose` is
    authenticated with the text: a secret moved to another place doesn't open.
    """

    def __init__(self, secret_key: str, previous: Sequence[str] = ()) -> None:
        keys = [_derive(key) for key in (secret_key, *previous)]
        self._current = _key_id(keys[0])
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}

    def seal(self, secret: bytes, purpose: str) -> str:
        """Answers text that only `open` with the same purpose turns back."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, secret, purpose.encode())
        return f"v1.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> bytes:
        """The secret again.

        Raises:
            SecretUnreadable: altered, other purpose, or its key is not configured.
        """
        try:
            version, key_id, body = sealed.split(".")
            raw = base64.urlsafe_b64decode(body)
            cipher = self._ciphers[key_id]
        except (ValueError, KeyError) as error:
            raise SecretUnreadable("The sealed secret can't be read with the configured keys") from error
        if version != "v1":
            raise SecretUnreadable(f"The sealed secret has the unknown version {version}")
        try:
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
        except InvalidTag as error:
            raise SecretUnreadable("The sealed secret was altered or belongs to another purpose") from error


def _derive(secret_key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"trunkline secrets at rest").derive(secret_key.encode())


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"id" + key).hexdigest()[:8]
