"""The secrets of an account: sealed together, opened only to connect."""

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache

import asyncssh

from kernel.secrets import SecretBox

_PURPOSE = "job account"
_KEYS_READ = 64


class KeyUnreadable(Exception):
    """The private key can't be used; the text says why."""


@dataclass(frozen=True, slots=True)
class AccountSecrets:
    """Attributes:
    agent: the operator's SSH agent signs in; then there is neither password nor key.
    """

    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    sudo_password: str = field(default="", repr=False)
    agent: bool = False

    @property
    def authentication(self) -> str:
        return "agent" if self.agent else "key" if self.private_key else "password"

    def key(self) -> asyncssh.SSHKey | None:
        """The private key, read; none for an account without one.

        Raises:
            KeyUnreadable: damaged, of an unknown kind, or under a passphrase.
        """
        return _read(self.private_key) if self.private_key else None


@lru_cache(maxsize=_KEYS_READ)
def _read(private_key: str) -> asyncssh.SSHKey:
    # Keys under a passphrase are not taken: who made one could have made it to take hours to open.
    try:
        return asyncssh.import_private_key(private_key)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        text = "can't be read; send it as OpenSSH, PKCS#8 or PKCS#1 writes it, without a passphrase: it is kept sealed"
        raise KeyUnreadable(text) from None


def seal(box: SecretBox, secrets: AccountSecrets) -> str:
    return box.seal(json.dumps(asdict(secrets)).encode(), _PURPOSE)


def unseal(box: SecretBox, sealed: str) -> AccountSecrets:
    """Raises:
    SecretUnreadable: sealed under a root key that is no longer configured.
    """
    return AccountSecrets(**json.loads(box.open(sealed, _PURPOSE)))
