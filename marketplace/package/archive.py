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
_REPACK = "Pack it again with `trunkline plugin pack`"
_PACK = (
    "Its code has to run to tell its inputs, and this server runs none that nobody installed: where the file is, "
    "`trunkline plugin publish FILE.zip --publisher NAME` packs and publishes it; `trunkline plugin pack` packs alone"
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
        raise PackageRefused.one("archive", "can't be unpacked: it is damaged", _REPACK) from error
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
        raise PackageRefused.one("archive", "is empty", "Send the package's zip as the body")
    if len(archive) > MAX_ARCHIVE:
        raise PackageRefused.one("archive", f"is larger than {MAX_ARCHIVE} bytes", "Leave out what isn't needed")
    if len(archive) < _END.size or not archive.endswith(_END_SIGNATURE + archive[-_END.size + 4 :]):
        raise PackageRefused.one("archive", "is no zip, or has a comment or other bytes behind it", _REPACK)
    _, disk, directory_disk, here, total, size, offset, comment = _END.unpack(archive[-_END.size :])
    if disk or directory_disk or here != total or comment:
        raise PackageRefused.one("archive", "is split, or has a comment", _REPACK)
    if total > MAX_FILES or size > MAX_DIRECTORY:
        problem = f"lists {total} files; a package has at most {MAX_FILES}"
        raise PackageRefused.one("archive", problem, "Leave out what isn't needed")
    if offset + size + _END.size != len(archive) or not archive.startswith(b"PK"):
        raise PackageRefused.one("archive", "holds bytes that belong to no file", _REPACK)


def _check_entries(entries: list[zipfile.ZipInfo], archive_size: int) -> None:
    names = [entry.orig_filename for entry in entries]
    if is_only_code(names):
        raise PackageRefused.one("archive", "is a project of bk-plugin-framework that was not packed", _PACK)
    _check_names(names, required=(*REQUIRED, CHECKSUMS))
    if sum(entry.compress_size for entry in entries) > archive_size:
        raise PackageRefused.one("archive", "has files that overlap", _REPACK)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise PackageRefused.one("archive", f"unpacks to more than {MAX_UNPACKED} bytes", "Leave out what isn't needed")
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
            raise PackageRefused.one(name, "is a link or another special file", "Put the file itself in")
        if entry.flag_bits & _ENCRYPTED:
            raise PackageRefused.one(name, "is encrypted", "Pack it without a password")
        if entry.compress_type not in _COMPRESSIONS:
            raise PackageRefused.one(name, "is compressed in a way that isn't accepted", "Use deflate, or store it")
        _check_size(name, entry.file_size)
        if entry.file_size > max(RATIO_FLOOR, MAX_RATIO * entry.compress_size):
            raise PackageRefused.one(name, f"unpacks to more than {MAX_RATIO} times its size", "Write less repetition")


def _check_names(names: list[str], required: tuple[str, ...]) -> None:
    met: set[str] = set()
    for name in names:
        if limit_of(name) is None:
            allowed = ", ".join([*CONTENT, f"{CODE}…", f"{SCREENSHOTS}….png, .jpg or .webp"])
            remedy = f"Pack the plugin's folder with `trunkline plugin pack`. A package holds {allowed}"
            raise PackageRefused.one(name[:200] or "archive", "is no file of a package", remedy)
        if name.casefold() in met:
            raise PackageRefused.one(name, "is there twice", "Leave one out")
        met.add(name.casefold())
    for name in required:
        if name not in names:
            raise PackageRefused.one(name, "is missing", "Add it; `trunkline plugin new` shows what a package holds")


def _check_size(name: str, size: int) -> None:
    limit = limit_of(name)
    if limit is None or size > limit:
        raise PackageRefused.one(name, f"is larger than {limit} bytes", "Shorten it")


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Raises:
    PackageRefused: it is not as long as it is declared; a reading of it may fail with one of `UNREADABLE`.
    """
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise PackageRefused.one(entry.filename, "is not as long as the archive says", _REPACK)
    return data


def _verify_checksums(files: Mapping[str, bytes]) -> None:
    content = _covered(files)
    if files[CHECKSUMS] == render_checksums(content):
        return
    right = render_checksums(content).decode().splitlines()
    given = set(files[CHECKSUMS].decode("utf-8", "replace").splitlines())
    wrong = [line.split("  ", 1)[1] for line in right if line not in given]
    field = f"{CHECKSUMS}: {wrong[0]}" if wrong else CHECKSUMS
    raise PackageRefused.one(field, "does not match the package's files", _REPACK)
