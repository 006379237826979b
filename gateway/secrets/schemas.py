"""A secret as the management API takes it: the value itself, or where an outside source has it."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field, SecretStr, StringConstraints

from gateway.fields import Input
from kernel.secret_sources.source import Environment, File, Reference, Vault

_NAME = r"^[a-z][a-z0-9_.-]{0,63}$"

SecretName = Annotated[str, StringConstraints(pattern=_NAME)]
SecretNamePath = Annotated[str, Path(pattern=_NAME)]


class StoredSecret(Input):
    """Attributes:
    value: never shown again.
    """

    source: Literal["stored"]
    value: Annotated[SecretStr, Field(min_length=1, max_length=16_000)]


class EnvironmentSecret(Input):
    """A variable of the server's environment; only names that begin so are read."""

    source: Literal["environment"]
    variable: Annotated[str, StringConstraints(pattern=r"^TRUNKLINE_EXTERNAL_[A-Z0-9_]{1,100}$")]


class FileSecret(Input):
    """A file in the folder the operator names in `TRUNKLINE_SECRETS_DIR`."""

    source: Literal["file"]
    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class VaultSecret(Input):
    """Attributes:
    path: below `/v1/` of the Vault server, e.g. `secret/data/team/db`.
    field: of the secret there.
    """

    source: Literal["vault"]
    path: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./~-]{3,400}$")]
    field: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


PutSecret = Annotated[StoredSecret | EnvironmentSecret | FileSecret | VaultSecret, Field(discriminator="source")]


def given_by(body: PutSecret) -> bytes | Reference:
    if isinstance(body, StoredSecret):
        return body.value.get_secret_value().encode()
    if isinstance(body, EnvironmentSecret):
        return Environment(body.variable)
    return File(body.file) if isinstance(body, FileSecret) else Vault(body.path, body.field)
