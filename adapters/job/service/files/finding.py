"""Which files a path means at its source: itself, all below a folder, or those whose names fit a pattern."""

import asyncio
import fnmatch
import os
import re
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import Protocol

import asyncssh

from adapters.job.service.ssh.execution import Shell
from adapters.job.service.ssh.program import list_program, new_token
from kernel.forms.data import compile_validator

MAX_FOUND = 5_000
"""Files that one path may mean."""
_REGEX = "REGEX:"
_WILD = re.compile(r"[*?\[]")


class Kind(Enum):
    FILE = "f"
    FOLDER = "d"


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Found:
    """Attributes:
    name: where it comes to, below the folder of the target.
    """

    path: str
    name: str


class PatternWrong(Exception):
    """The regular expression can't be matched in linear time, or can't be read."""


class Lister(Protocol):
    async def entries(self, folder: str) -> Sequence[Entry]:
        """Files and folders in a folder; a link counts as a file if it leads to one, and not at all otherwise.

        Raises:
            OSError, asyncssh.Error: it can't be read.
        """
        ...


def is_plain(path: str) -> bool:
    """Whether the path means one file, by its name."""
    return not path.endswith("/") and all(_matcher(part) is None for part in PurePosixPath(path).parts)


def check(path: str) -> None:
    """Raises:
    PatternWrong: a part of the path can't be matched.
    """
    for part in PurePosixPath(path).parts:
        _matcher(part)


async def find(lister: Lister, path: str) -> Sequence[Found]:
    """Raises:
    OSError, asyncssh.Error: nothing is there, too much, or it can't be read.
    """
    if is_plain(path):
        return [Found(path, PurePosixPath(path).name)]
    places = await _matching(lister, path)
    if path.endswith("/"):
        found = [one for place in places for one in await _below(lister, place)]
    else:
        found = [Found(str(place), place.name) for place in places]
    if not found:
        raise OSError("no file is there")
    if len(found) > MAX_FOUND:
        raise OSError(_too_many())
    return found


async def _matching(lister: Lister, path: str) -> list[PurePosixPath]:
    parts = PurePosixPath(path).parts
    places, is_open = [PurePosixPath(parts[0])], False
    for number, part in enumerate(parts[1:], start=1):
        matches = _matcher(part)
        if matches is None and not is_open:
            places = [place / part for place in places]
            continue
        is_open = True
        kind = Kind.FILE if number == len(parts) - 1 and not path.endswith("/") else Kind.FOLDER
        places = [
            place / entry.name
            for place in places
            for entry in await _entries(lister, place)
            if entry.kind is kind and (entry.name == part if matches is None else matches(entry.name))
        ]
        if len(places) > MAX_FOUND:
            raise OSError(_too_many())
    return places


async def _below(lister: Lister, top: PurePosixPath) -> list[Found]:
    found: list[Found] = []
    folders, seen = [top], 0
    while folders:
        folder = folders.pop()
        seen += 1
        for entry in sorted(await _entries(lister, folder), key=lambda one: one.name):
            path = folder / entry.name
            if entry.kind is Kind.FOLDER:
                folders.append(path)
            else:
                found.append(Found(str(path), str(path.relative_to(top.parent))))
        if len(found) > MAX_FOUND or seen > MAX_FOUND:
            raise OSError(_too_many())
    return found


async def _entries(lister: Lister, folder: PurePosixPath) -> Sequence[Entry]:
    """What is in a folder. A host tells the names, and they become paths on others: none may lead out of its folder."""
    entries = await lister.entries(str(folder))
    for entry in entries:
        if entry.name in {"", ".", ".."} or "/" in entry.name or "\0" in entry.name:
            raise OSError("holds a name that leads out of it")
        if not entry.name.isascii() and any("\ud800" <= sign <= "\udfff" for sign in entry.name):
            raise OSError("holds a name that is no UTF-8")
    return entries


def _too_many() -> str:
    return f"means more than {MAX_FOUND} files"


def _matcher(part: str) -> Callable[[str], bool] | None:
    """What tells whether a name fits a part of a path; none for a plain name.

    Raises:
        PatternWrong: a regular expression that can't be used.
    """
    if part.startswith(_REGEX):
        try:
            return compile_validator({"pattern": f"^(?:{part.removeprefix(_REGEX)})$"}).is_valid
        except ValueError:
            raise PatternWrong from None
    if not _WILD.search(part):
        return None
    fits = re.compile(fnmatch.translate(part)).match
    return lambda name: fits(name) is not None and (part.startswith(".") or not name.startswith("."))


class OnThisMachine:
    async def entries(self, folder: str) -> Sequence[Entry]:
        return await asyncio.to_thread(_scan, folder)


def _scan(folder: str) -> list[Entry]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                found.append(Entry(entry.name, Kind.FILE))
            elif entry.is_dir(follow_symlinks=False):
                found.append(Entry(entry.name, Kind.FOLDER))
    return found


@dataclass(frozen=True, slots=True)
class BySftp:
    sftp: asyncssh.SFTPClient

    async def entries(self, folder: str) -> Sequence[Entry]:
        found = []
        async for one in self.sftp.scandir(folder):
            name, permissions = str(one.filename), one.attrs.permissions or 0
            if name in {".", ".."}:
                continue
            if stat.S_ISREG(permissions) or (stat.S_ISLNK(permissions) and await self._leads_to_file(folder, name)):
                found.append(Entry(name, Kind.FILE))
            elif stat.S_ISDIR(permissions):
                found.append(Entry(name, Kind.FOLDER))
        return found

    async def _leads_to_file(self, folder: str, name: str) -> bool:
        return await self.sftp.isfile(str(PurePosixPath(folder) / name))


@dataclass(frozen=True, slots=True)
class ByShell:
    """As the user that the account becomes by sudo."""

    shell: Shell

    async def entries(self, folder: str) -> Sequence[Entry]:
        said = bytearray()
        conversation = await self.shell.start(list_program(folder), new_token(), said.extend)
        if await conversation.ended != 0:
            raise OSError("no such folder, or not to be read")
        lines = said.decode(errors="surrogateescape").split("\0")[:-1]
        return [Entry(line[1:], Kind(line[0])) for line in lines]
