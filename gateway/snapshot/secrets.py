"""How keys inside shard documents are sealed: the loader opens what the registry sealed."""

from typing import Final

from gateway.snapshot.model.documents import OpenSecret
from kernel.secrets import SecretBox

SIGNING_KEY: Final = "gateway system signing key"
"""The purpose the sealed text is bound to."""
APP_SECRET: Final = "gateway app secret"  # noqa: S105  a purpose, not a secret


def opener(secrets: SecretBox) -> OpenSecret:
    """What compiles sealed keys of shard documents."""

    def open_secret(sealed: str, purpose: str = SIGNING_KEY) -> bytes:
        return secrets.open(sealed, purpose)

    return open_secret
