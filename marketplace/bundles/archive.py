"""A bundle: published packages, and perhaps flows that need them, in one file for an installation without a network.

A zip whose files are only stored, since packages are compressed already: `bundle.json` lists every package with its
digest and every flow; `packages/…` are the packages byte for byte, with their signatures; `flows/…` are exported flows.
Pure.
"""

import io
import json
import re
import stat
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from marketplace.bundles.errors import BundleRefused
from marketplace.package.limits import MAX_ARCHIVE

FORMAT: Final = "trunkline-bundle/1"
MAX_BUNDLE: Final = 200 * 1024 * 1024
"""Bytes."""
MAX_PACKAGES: Final = 200
_MAX_FLOWS: Final = 100
_MAX_FLOW: Final = 2 * 1024 * 1024
_MAX_INDEX: Final = 256 * 1024
_INDEX: Final = "bundle.json"
_PACKAGE: Final = re.compile(r"packages/[a-z][a-z0-9_]{1,63}-[0-9A-Za-z.-]{1,64}\.zip")
_CHANNEL: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_FLOW: Final = re.compile(r"flows/[0-9]{1,4}\.json")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE_SHIFT = 16
_REMEDY = "Make it again with `trunkline plugin bundle`"


@dataclass(frozen=True, slots=True)
class BundledPackage:
    """Attributes:
    archive: the package, byte for byte.
    """

    code: str
    version: str
    digest: str
    channel: str
    archive: bytes

    @property
    def file(self) -> str:
        return f"packages/{self.code}-{self.version}.zip"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Attributes:
    flows: as `trunkline flow export` writes them.
    """

    packages: tuple[BundledPackage, ...]
    flows: tuple[dict[str, Any], ...] = ()


def write_bundle(bundle: Bundle) -> bytes:
    """The same packages and flows give the same bytes."""
    files = {package.file: package.archive for package in bundle.packages}
    flows = {f"flows/{number}.json": _json(flow) for number, flow in enumerate(bundle.flows)}
    packages = [
        {name: getattr(package, name) for name in ("code", "version", "digest", "channel", "file")}
        for package in bundle.packages
    ]
    files |= flows
    files[_INDEX] = _json({"format": FORMAT, "packages": packages, "flows": list(flows)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << _MODE_SHIFT
            archive.writestr(entry, files[name], zipfile.ZIP_STORED)
    return buffer.getvalue()


def read_bundle(content: bytes) -> Bundle:
    """What it holds; the packages themselves are read when they are published.

    Raises:
        BundleRefused: naming the file and what is wrong with it.
    """
    files = _files(content)
    index = _object(files.pop(_INDEX, b""), _INDEX)
    if index.get("format") != FORMAT:
        raise BundleRefused.one(_INDEX, f"has another format than {FORMAT}", _REMEDY)
    packages = tuple(_package(entry, files) for entry in _list(index, "packages"))
    flows = tuple(_object(files.pop(str(name), b""), str(name)) for name in _list(index, "flows"))
    if files:
        raise BundleRefused.one(min(files), f"is not listed in {_INDEX}", _REMEDY)
    return Bundle(packages, flows)


def _files(content: bytes) -> dict[str, bytes]:
    if len(content) > MAX_BUNDLE:
        raise BundleRefused.one("bundle", f"is larger than {MAX_BUNDLE} bytes", "Split it")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(content))
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise BundleRefused.one("bundle", "is no zip, or damaged", _REMEDY) from error


def _check_entries(entries: Sequence[zipfile.ZipInfo], length: int) -> None:
    if len(entries) > MAX_PACKAGES + _MAX_FLOWS + 1 or sum(entry.file_size for entry in entries) > length:
        raise BundleRefused.one("bundle", "holds more than a bundle may", "Split it")
    met: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        limit = _limit(name)
        if limit is None:
            raise BundleRefused.one(name[:200], "is no file of a bundle", _REMEDY)
        if name.casefold() in met:
            raise BundleRefused.one(name, "is there twice", _REMEDY)
        if stat.S_IFMT(entry.external_attr >> _MODE_SHIFT) not in (0, stat.S_IFREG):
            raise BundleRefused.one(name, "is a link or another special file", _REMEDY)
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 or entry.file_size > limit:
            raise BundleRefused.one(name, "is compressed, encrypted or too large", _REMEDY)
        met.add(name.casefold())


def _limit(name: str) -> int | None:
    if name == _INDEX:
        return _MAX_INDEX
    if _PACKAGE.fullmatch(name):
        return MAX_ARCHIVE
    return _MAX_FLOW if _FLOW.fullmatch(name) else None


def _package(entry: Any, files: dict[str, bytes]) -> BundledPackage:
    texts = ("code", "version", "digest", "channel", "file")
    if not isinstance(entry, dict) or any(not isinstance(entry.get(name), str) for name in texts):
        raise BundleRefused.one(_INDEX, "lists a package without code, version, digest, channel or file", _REMEDY)
    if _CHANNEL.fullmatch(entry["channel"]) is None:
        raise BundleRefused.one(_INDEX, "names a channel that is none", _REMEDY)
    archive = files.pop(entry["file"], None)
    if archive is None:
        raise BundleRefused.one(entry["file"][:200], "is missing", _REMEDY)
    return BundledPackage(entry["code"], entry["version"], entry["digest"], entry["channel"], archive)


def _object(text: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleRefused.one(name, "is missing, or no JSON", _REMEDY) from error
    if not isinstance(found, dict):
        raise BundleRefused.one(name, "is no object", _REMEDY)
    return found


def _list(index: Mapping[str, Any], name: str) -> list[Any]:
    found = index.get(name)
    if not isinstance(found, list):
        raise BundleRefused.one(_INDEX, f"has no list of {name}", _REMEDY)
    return found


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
