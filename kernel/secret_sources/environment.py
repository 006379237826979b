import os
from typing import Final

from kernel.secret_sources.errors import SecretUnavailable

PREFIX: Final = "TRUNKLINE_EXTERNAL_"
"""Only such variables are read: the others of a process are its own, among them its root key."""


def read_variable(name: str) -> bytes:
    """Raises SecretUnavailable."""
    if not name.startswith(PREFIX):
        raise SecretUnavailable(f"only variables whose name begins with {PREFIX} can be read")
    value = os.environ.get(name)
    if value is None:
        raise SecretUnavailable(f"the server's environment has no variable {name}")
    return value.encode("utf-8", "surrogateescape")
