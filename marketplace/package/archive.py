"""Reading and writing the package's zip. Whatever is not plainly one of the files we know is refused.

The archive must be nothing but a zip: no bytes before, between or behind, no comment, no ZIP64, no encryption. Sizes
are checked as declared before anything is unpacked, and again as they come out.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

from marketplace.package import wordings
from marketplace.package.checksums import render_checksums
from marketplace.package.errors import PackageRefused
from marketplace.package.layout import is_only_code
from marketplace.package.limits import (
    CHECKSUMS,
    CODE,
    CONTENT,
    MAX_ARCHIVE,
    MAX_DIRECTORY,
    MAX_FILES,
    MAX_RATIO,
    MAX_UNPACKED,
    RATIO_FLOOR,
    REQUIRED,
    SCREENSHOTS,
    SIGNATURES,
    limit_of,
)

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1
_UNIX = 3
_MODE_SHIFT = 16
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    ValueError,
    struct.error,
)


def read_archive(archive: bytes) -> dict[str, bytes]:
    """The files of a package, their checksums verified; `CHECKSUMS` included.

    Raises:
        PackageRefused: naming the file and what is wrong with it.
    """
    _require_plain_zip(archive)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
            _check_entries(entries, len(archive))
            files = {entry.filename: read_entry(opened, entry) for entry in entries}
    except UNREADABLE as error:
        raise PackageRefused([wordings.DAMAGED.at("archive")]) from error
    _verify_checksums(files)
    return files


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """A package's zip with its `CHECKSUMS`; the same files give the same bytes.

    Raises:
        PackageRefused: a file is missing, unknown or too large.
    """
    content = {name: data for name, data in files.items() if name != CHECKSUMS}
    _check_names(list(content), required=REQUIRED)
    for name, data in content.items():
        _check_size(name, len(data))
    content[CHECKSUMS] = render_checksums(_covered(content))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << _MODE_SHIFT
            archive.writestr(entry, content[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def _covered(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What the checksums speak of; signatures speak of the checksums."""
    return {name: data for name, data in files.items() if name not in (CHECKSUMS, SIGNATURES)}


def _require_plain_zip(archive: bytes) -> None:
    if not archive:
        raise PackageRefused([wordings.NOTHING_SENT.at("archive")])
    if len(archive) > MAX_ARCHIVE:
        raise PackageRefused([wordings.LARGE.at("archive", limit=MAX_ARCHIVE)])
    if len(archive) < _END.size or not archive.endswith(_END_SIGNATURE + archive[-_END.size + 4 :]):
        raise PackageRefused([wordings.NO_ZIP.at("archive")])
    _, disk, directory_disk, here, total, size, offset, comment = _END.unpack(archive[-_END.size :])
    if disk or directory_disk or here != total or comment:
        raise PackageRefused([wordings.SPLIT.at("archive")])
    if total > MAX_FILES or size > MAX_DIRECTORY:
        raise PackageRefused([wordings.MANY_FILES.at("archive", count=total, limit=MAX_FILES)])
    if offset + size + _END.size != len(archive) or not archive.startswith(b"PK"):
        raise PackageRefused([wordings.STRAY_BYTES.at("archive")])


def _check_entries(entries: list[zipfile.ZipInfo], archive_size: int) -> None:
    names = [entry.orig_filename for entry in entries]
    if is_only_code(names):
        raise PackageRefused([wordings.NOT_PACKED.at("archive")])
    _check_names(names, required=(*REQUIRED, CHECKSUMS))
    if sum(entry.compress_size for entry in entries) > archive_size:
        raise PackageRefused([wordings.OVERLAP.at("archive")])
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise PackageRefused([wordings.UNPACKS_LARGE.at("archive", limit=MAX_UNPACKED)])
    require_harmless({entry.filename: entry for entry in entries})


def require_harmless(entries: Mapping[str, zipfile.ZipInfo]) -> None:
    """Args:
        entries: by the names they are to have.

    Raises:
        PackageRefused: one is no plain file, can't be unpacked, or is too large, as declared.
    """
    for name, entry in entries.items():
        kind = stat.S_IFMT(entry.external_attr >> _MODE_SHIFT)
        if kind not in (0, stat.S_IFREG):
            raise PackageRefused([wordings.SPECIAL.at(name)])
        if entry.flag_bits & _ENCRYPTED:
            raise PackageRefused([wordings.ENCRYPTED.at(name)])
        if entry.compress_type not in _COMPRESSIONS:
            raise PackageRefused([wordings.COMPRESSION.at(name)])
        _check_size(name, entry.file_size)
        if entry.file_size > max(RATIO_FLOOR, MAX_RATIO * entry.compress_size):
            raise PackageRefused([wordings.RATIO.at(name, limit=MAX_RATIO)])


def _check_names(names: list[str], required: tuple[str, ...]) -> None:
    met: set[str] = set()
    for name in names:
        if limit_of(name) is None:
            allowed = (*CONTENT, f"{CODE}…", f"{SCREENSHOTS}….png/.jpg/.webp")
            raise PackageRefused([wordings.NO_FILE.at(name[:200] or "archive", allowed=allowed)])
        if name.casefold() in met:
            raise PackageRefused([wordings.TWICE.at(name)])
        met.add(name.casefold())
    for name in required:
        if name not in names:
            raise PackageRefused([wordings.MISSING_FILE.at(name)])


def _check_size(name: str, size: int) -> None:
    limit = limit_of(name)
    if limit is None or size > limit:
        raise PackageRefused([wordings.LARGE_FILE.at(name, limit=limit or 0)])


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Raises:
    PackageRefused: it is not as long as it is declared; a reading of it may fail with one of `UNREADABLE`.
    """
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise PackageRefused([wordings.LENGTH.at(entry.filename)])
    return data


def _verify_checksums(files: Mapping[str, bytes]) -> None:
    content = _covered(files)
    if files[CHECKSUMS] == render_checksums(content):
        return
    right = render_checksums(content).decode().splitlines()
    given = set(files[CHECKSUMS].decode("utf-8", "replace").splitlines())
    wrong = [line.split("  ", 1)[1] for line in right if line not in given]
    field = f"{CHECKSUMS}: {wrong[0]}" if wrong else CHECKSUMS
    raise PackageRefused([wordings.CHECKSUM.at(field)])
