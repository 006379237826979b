"""Secrets at rest: sealed by AES-256-GCM under data keys, which are themselves sealed under the configured root key.

::

    root key (TRUNKLINE_SECRET_KEY)
      └─ wraps data keys, one at a time for each process, renewed every day
           └─ seal secrets, each bound to its purpose

A sealed text carries its wrapped data key: ``v2.<root key id>.<wrapped data key>.<sealed secret>``. Whoever holds the
root key can open it without asking anybody, and a new root key needs the short middle part made anew, no secret opened.
"""

import base64
import hashlib
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION: Final = "v2"
_HEAD: Final = re.compile(r"v2\.([0-9a-f]{8})\.")
_NONCE_BYTES: Final = 12
_DATA_KEY_PURPOSE: Final = b"trunkline data key"
_SECONDS_OF_A_DATA_KEY: Final = 24 * 3600.0
_SEALINGS_OF_A_DATA_KEY: Final = 2**24
"""Far below the 2^32 that random nonces of 96 bits allow (NIST SP 800-38D §8.3)."""
_MOST_OPENED: Final = 4096


class SecretUnreadable(Exception):
    """A sealed secret was altered, or sealed under a root key that is no longer configured."""


@dataclass(slots=True)
class _DataKey:
    wrapped: str
    cipher: AESGCM
    made_at: float
    sealings: int = 0


class SecretBox:
    """Seals and opens secrets.

    `purpose` is authenticated with the text: a secret moved to another place doesn't open.
    """

    def __init__(
        self, secret_key: str, previous: Sequence[str] = (), *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        keys = [_derive(key) for key in (secret_key, *previous)]
        self._root = _key_id(keys[0])
        self._roots = {_key_id(key): AESGCM(key) for key in keys}
        self._seconds = seconds
        self._sealing: _DataKey | None = None
        self._opened: dict[str, AESGCM] = {}

    @property
    def root(self) -> str:
        """Id of the root key under which is sealed now."""
        return self._root

    def seal(self, secret: bytes, purpose: str) -> str:
        """Answers text that only `open` with the same purpose turns back."""
        key = self._data_key()
        key.sealings += 1
        return f"{_VERSION}.{self._root}.{key.wrapped}.{_encrypt(key.cipher, secret, purpose.encode())}"

    def open(self, sealed: str, purpose: str) -> bytes:
        """The secret again.

        Raises:
            SecretUnreadable: altered, other purpose, or its root key is not configured.
        """
        root, wrapped, body = _parts(sealed)
        cipher = self._opened.get(wrapped)
        if cipher is None:
            cipher = AESGCM(self._unwrap(root, wrapped))
            if len(self._opened) >= _MOST_OPENED:
                self._opened.clear()
            self._opened[wrapped] = cipher
        return _decrypt(cipher, body, purpose.encode())

    def rewrap(self, sealed: str) -> str | None:
        """The same secret under the current root key; None when it stands there already. No secret is opened.

        Raises:
            SecretUnreadable: its root key is not configured, or its data key was altered.
        """
        root, wrapped, body = _parts(sealed)
        if root == self._root:
            return None
        anew = _encrypt(self._roots[self._root], self._unwrap(root, wrapped), _DATA_KEY_PURPOSE)
        return f"{_VERSION}.{self._root}.{anew}.{body}"

    def _data_key(self) -> _DataKey:
        key, now = self._sealing, self._seconds()
        if key is None or key.sealings >= _SEALINGS_OF_A_DATA_KEY or now - key.made_at >= _SECONDS_OF_A_DATA_KEY:
            material = AESGCM.generate_key(bit_length=256)
            wrapped = _encrypt(self._roots[self._root], material, _DATA_KEY_PURPOSE)
            key = self._sealing = _DataKey(wrapped, AESGCM(material), now)
        return key

    def _unwrap(self, root: str, wrapped: str) -> bytes:
        cipher = self._roots.get(root)
        if cipher is None:
            raise SecretUnreadable(
                f"The sealed secret needs the root key {root}, which is not configured; "
                "name it in TRUNKLINE_PREVIOUS_SECRET_KEYS"
            )
        return _decrypt(cipher, wrapped, _DATA_KEY_PURPOSE)


def head_of(root: str) -> str:
    """How every text begins that is sealed under a root key; all heads are of one length."""
    return f"{_VERSION}.{root}."


def root_of(sealed: str) -> str | None:
    """Id of the root key a text is sealed under; None for text that is not sealed."""
    found = _HEAD.match(sealed)
    return found[1] if found is not None else None


def _parts(sealed: str) -> tuple[str, str, str]:
    version, *parts = sealed.split(".")
    if version != _VERSION or len(parts) != 3:  # noqa: PLR2004  root, data key, secret
        raise SecretUnreadable("This is no sealed secret")
    root, wrapped, body = parts
    return root, wrapped, body


def _encrypt(cipher: AESGCM, plain: bytes, purpose: bytes) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + cipher.encrypt(nonce, plain, purpose)).decode()


def _decrypt(cipher: AESGCM, text: str, purpose: bytes) -> bytes:
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose)
    except (ValueError, InvalidTag) as error:
        raise SecretUnreadable("The sealed secret was altered or belongs to another purpose") from error


def _derive(key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"trunkline secrets at rest").derive(key.encode())


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"id" + key).hexdigest()[:8]
