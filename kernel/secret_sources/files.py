import asyncio
import os
import re
from pathlib import Path
from typing import Final

from kernel.secret_sources.errors import SecretUnavailable

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OWN: Final = "trunkline_"
"""Files of that name are settings of the server itself (`TRUNKLINE_SECRETS_DIR`)."""


class SecretFiles:
    """Files in one folder that the operator names; as orchestrators mount secrets."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def read(self, name: str, longest: int) -> bytes:
        """The file's bytes without the newline at their end, no more than tells that it is too long."""
        if self._folder is None:
            raise SecretUnavailable("no folder of secrets is configured; set TRUNKLINE_SECRETS_DIR")
        if _NAME.fullmatch(name) is None or name.lower().startswith(_OWN):
            raise SecretUnavailable(
                "it must be the name of a file in the folder of secrets, and none of the server's own"
            )
        try:
            content = await asyncio.to_thread(_read, self._folder, name, longest + 2)
        except OSError as error:
            raise SecretUnavailable(f"the file {name} can't be read: {error.strerror}") from error
        return content.removesuffix(b"\n").removesuffix(b"\r")


def _read(folder: Path, name: str, most: int) -> bytes:
    # Mounted secrets are links inside the folder; one that leads out of it is not the operator's word.
    path = (folder / name).resolve(strict=True)
    if not path.is_relative_to(folder.resolve()):
        raise PermissionError(1, "it lies outside of the folder")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)
