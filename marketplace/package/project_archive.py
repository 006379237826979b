"""A zip of the folder an author works in, which was not packed: its plugin's files are read, and nothing else. Pure.

Whatever else lies in it, and the one folder it may stand in, is left out unread; names are those of packages, so that
none leads elsewhere.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Final

from marketplace.package.archive import UNREADABLE, read_entry, require_harmless
from marketplace.package.errors import PackageRefused
from marketplace.package.layout import project_place
from marketplace.package.limits import CODE, MADE, MAX_FILES, MAX_UNPACKED, limit_of

MAX_PROJECT: Final = 64 * 1024 * 1024
"""Bytes of a zip that may hold more than the plugin."""
_MAX_ENTRIES: Final = 10_000
_MADE_BY_PYTHON: Final = ("__pycache__", ".pyc")


def read_project_archive(archive: bytes) -> dict[str, bytes] | None:
    """The files of a plugin as its author keeps them, by their place in its folder; None where it is no such zip.

    Raises:
        PackageRefused: naming the file that can't be read as it is.
    """
    if len(archive) > MAX_PROJECT:
        problem = f"is larger than {MAX_PROJECT} bytes"
        raise PackageRefused.one("archive", problem, "Leave out what the plugin doesn't need")
    try:
        opened = zipfile.ZipFile(io.BytesIO(archive))
    except UNREADABLE:
        return None
    with opened:
        entries = opened.infolist()
        if len(entries) > _MAX_ENTRIES:
            problem = f"lists more than {_MAX_ENTRIES} files"
            raise PackageRefused.one("archive", problem, "Leave out what the plugin doesn't need")
        place = project_place([entry.filename for entry in entries])
        if place is None:
            return None
        wanted = _wanted(entries, place)
        require_harmless(wanted)
        try:
            return {name: read_entry(opened, entry) for name, entry in wanted.items()}
        except UNREADABLE as error:
            raise PackageRefused.one("archive", "can't be unpacked: it is damaged", "Zip the folder again") from error


def _wanted(entries: Sequence[zipfile.ZipInfo], place: str) -> dict[str, zipfile.ZipInfo]:
    """The plugin's own entries, by their place in its folder."""
    wanted: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        name = entry.orig_filename.removeprefix(place)
        if entry.is_dir() or not entry.orig_filename.startswith(place) or not _is_plugins(name):
            continue
        if limit_of(name) is None:
            raise PackageRefused.one(name[:200], "has a name that can't be packed", "Use letters, digits, - _ and .")
        if name in wanted:
            raise PackageRefused.one(name, "is there twice", "Leave one out")
        wanted[name] = entry
    if len(wanted) > MAX_FILES:
        problem = f"holds {len(wanted)} files of the plugin; a package has at most {MAX_FILES}"
        raise PackageRefused.one("archive", problem, "Leave out what isn't needed")
    if sum(entry.file_size for entry in wanted.values()) > MAX_UNPACKED:
        raise PackageRefused.one("archive", f"unpacks to more than {MAX_UNPACKED} bytes", "Leave out what isn't needed")
    return wanted


def _is_plugins(name: str) -> bool:
    if name.startswith(CODE):
        return not any(part.startswith(".") or part.endswith(_MADE_BY_PYTHON) for part in name.split("/"))
    return limit_of(name) is not None and name not in MADE
