"""How keys inside shard documents are sealed: the loader opens what the registry sealed."""

from collections.abc import Callable
from typing import Final

from kernel.secrets import SecretBox

SIGNING_KEY: Final = "gateway system signing key"
"""The purpose the sealed text is bound to."""


def opener(secrets: SecretBox) -> Callable[[str], bytes]:
    """What compiles sealed keys of shard documents."""

    def open_secret(sealed: str) -> bytes:
        return secrets.open(sealed, SIGNING_KEY)

    return open_secret
