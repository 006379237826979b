"""What stands in a task for the secrets of its project until they are sent.

Derived from the task and the name, not drawn: it is the same in each process, and nothing is stored. Without the key it
can be neither guessed nor made, so a text that somebody types opens nothing.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kernel.secret_handles import handle_of, with_secrets

_ID_HEX: Final = 32


class ProjectSecretHandles:
    """Args:
    keys: the current one and those it replaced, under which handles of running tasks may have been made.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(hmac.digest(key, b"trunkline project secrets", hashlib.sha256) for key in keys)

    def of_task(self, task_id: str, names: Iterable[str]) -> Mapping[str, str]:
        """Name → its handle in this task."""
        return {name: _handle(self._keys[0], task_id, name) for name in names}

    def names_of(self, task_id: str, names: Iterable[str]) -> Mapping[str, str]:
        """Handle → name, for every handle these names have or had in the task."""
        return {_handle(key, task_id, name): name for name in names for key in self._keys}

    def handed_on(self, value: Any, names: Sequence[str], before: str, after: str) -> Any:
        """What a task has of an earlier one, with its own handles in the place of that one's."""
        own = self.of_task(after, names)
        return with_secrets(value, {handle: own[name] for handle, name in self.names_of(before, names).items()})


def _handle(key: bytes, task_id: str, name: str) -> str:
    return handle_of(hmac.digest(key, f"{task_id} {name}".encode(), hashlib.sha256).hex()[:_ID_HEX])
