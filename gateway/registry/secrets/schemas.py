from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from gateway.fields import Input, Time, View
from gateway.snapshot.schemas import LiveView

SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]


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


class NamedSecretView(View):
    """Attributes:
    reference: where an outside source has it.
    used_by: stages whose signing uses it.
    read_at: when an outside source gave it last; `problem` is why it didn't since.
    """

    name: str
    source: str
    reference: dict[str, str]
    used_by: list[str]
    updated_by: str
    updated_at: Time
    read_at: Time | None
    problem: str | None


class ChangedSecret(LiveView):
    secret: NamedSecretView
