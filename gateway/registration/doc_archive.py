"""The archive apigw-manager makes of a folder of Markdown: ``zh/<resource>.md`` and ``en/<resource>.md``. Pure."""

import io
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from kernel.errors import Invalid

MOST_DOCS = 4_000
LONGEST_DOC = 200_000
"""Bytes."""
LONGEST_ALL = 20 * 1024 * 1024
"""Bytes, unpacked."""

_LONGEST_TAR = 2 * LONGEST_ALL
"""Bytes: what a tar holds beside its documents is unpacked too."""
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 16 + zlib.MAX_WBITS
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Of the others, a few bytes are undone to as much as they like at once."""
_UNREADABLE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, NotImplementedError, OSError,
    RuntimeError, ValueError,
)  # fmt: skip
_NAME = re.compile(r"(?:.*/)?(zh|en)/([A-Za-z][A-Za-z0-9_-]{0,127})\.md")


@dataclass(frozen=True, slots=True)
class ResourceDoc:
    language: str
    resource: str
    text: str


def read_archive(archive: bytes) -> list[ResourceDoc]:
    """The documents of a zip or tgz; what is none is passed over, nothing is unpacked to disk.

    Raises:
        Invalid: no archive, too many documents, one that is too long or not UTF-8.
    """
    docs: list[ResourceDoc] = []
    length = 0
    try:
        members = _zipped(archive) if zipfile.is_zipfile(io.BytesIO(archive)) else _tarred(archive)
        for name, content in members:
            found = _NAME.fullmatch(name)
            if found is None:
                continue
            length += len(content)
            if len(docs) >= MOST_DOCS or length > LONGEST_ALL:
                raise Invalid.field("file", f"has more than {MOST_DOCS} documents, or {LONGEST_ALL} bytes", "Split it")
            docs.append(ResourceDoc(found[1], found[2], _text(name, content)))
    except _UNREADABLE as error:
        raise Invalid.field(
            "file", "is neither a zip nor a tgz that can be read", "Archive the folder again"
        ) from error
    return docs


def _text(name: str, content: bytes) -> str:
    if len(content) > LONGEST_DOC:
        raise Invalid.field("file", f"{name} is longer than {LONGEST_DOC} bytes", "Shorten it")
    try:
        return content.decode("utf-8").replace("\x00", "")
    except UnicodeDecodeError as error:
        raise Invalid.field("file", f"{name} is not UTF-8", "Save it as UTF-8") from error


def _zipped(archive: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for member in opened.infolist():
            if member.compress_type not in _COMPRESSIONS:
                raise Invalid.field("file", "is compressed in a way that isn't accepted", "Use deflate, or store it")
            if not member.is_dir() and _NAME.fullmatch(member.filename):
                with opened.open(member) as file:
                    yield member.filename, file.read(LONGEST_DOC + 1)


def _tarred(archive: bytes) -> Iterator[tuple[str, bytes]]:
    # As a stream, so that no member leads back to one before it.
    with tarfile.open(fileobj=io.BytesIO(_unzipped(archive)), mode="r|") as opened:
        for member in opened:
            if member.isfile() and _NAME.fullmatch(member.name):
                file = opened.extractfile(member)
                if file is not None:
                    yield member.name, file.read(LONGEST_DOC + 1)


def _unzipped(archive: bytes) -> bytes:
    if not archive.startswith(_GZIP):
        return archive
    unpacking = zlib.decompressobj(_GZIP_BITS)
    unpacked = unpacking.decompress(archive, _LONGEST_TAR)
    if unpacking.unconsumed_tail:
        raise Invalid.field("file", f"unpacks to more than {_LONGEST_TAR} bytes", "Split it")
    if not unpacking.eof:
        raise EOFError
    return unpacked
