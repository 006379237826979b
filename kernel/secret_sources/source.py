"""Where secrets may come from besides our own database: the environment, files, a Vault-compatible server."""

from dataclasses import dataclass
from typing import Final

from kernel.secret_sources.environment import read_variable
from kernel.secret_sources.errors import SecretUnavailable
from kernel.secret_sources.files import SecretFiles
from kernel.secret_sources.vault import VaultReader

LONGEST: Final = 16_000
"""Bytes; a certificate's key fits in."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Attributes:
    variable: of the server's processes; its name begins with `TRUNKLINE_EXTERNAL_`.
    """

    variable: str


@dataclass(frozen=True, slots=True)
class File:
    """Attributes:
    name: of a file directly in the operator's folder of secrets.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Vault:
    """Attributes:
    path: below `/v1/`, as the server's API has it: `secret/data/team/db` for version 2 of the key-value engine.
    field: of the secret there.
    """

    path: str
    field: str


Reference = Environment | File | Vault


class SecretSources:
    def __init__(self, files: SecretFiles, vault: VaultReader) -> None:
        self._files = files
        self._vault = vault

    async def read(self, reference: Reference) -> bytes:
        """The secret as it is now.

        Raises:
            SecretUnavailable: it isn't there, can't be read, is empty or too long.
        """
        match reference:
            case Environment(variable):
                value = read_variable(variable)
            case File(name):
                value = await self._files.read(name, LONGEST)
            case Vault(path, field):
                value = await self._vault.read(path, field)
        if not value:
            raise SecretUnavailable("it is empty")
        if len(value) > LONGEST:
            raise SecretUnavailable(f"it is longer than {LONGEST} bytes")
        return value
