"""Copies a file piece by piece: bounded in length and, where asked, in speed."""

import asyncio
import time
from collections.abc import Awaitable, Callable

MAX_FILE = 4 * 1024**3
"""Bytes of a file at most."""
_PIECE = 1024 * 1024
_MIB = 1024 * 1024

Read = Callable[[int], Awaitable[bytes]]
Write = Callable[[bytes], Awaitable[object]]


class TooLong(Exception):
    """The file has more than the bytes a file may have."""

    def __init__(self) -> None:
        super().__init__(f"has more than {MAX_FILE} bytes")


async def copy(read: Read, write: Write, limit: int | None) -> int:
    """Copies to the end; the bytes copied.

    Args:
        limit: MiB a second.

    Raises:
        TooLong: there is no end before `MAX_FILE`.
    """
    started, done = time.monotonic(), 0
    while piece := await read(_PIECE):
        done += len(piece)
        if done > MAX_FILE:
            raise TooLong
        await write(piece)
        if limit is not None:
            await asyncio.sleep(max(0.0, started + done / (limit * _MIB) - time.monotonic()))
    return done
