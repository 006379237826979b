"""Archives of documents: whatever is sent is read or refused, and takes no more room than it may."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registration.doc_archive import LONGEST_ALL, read_archive
from kernel.errors import Invalid

HUGE = 8 * LONGEST_ALL


def zipped(compression: int, content: bytes = b"# doc") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("zh/get_item.md", content)
    return buffer.getvalue()


def tarred(mode: str = "w", content: bytes = b"# doc") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("docs/zh/get_item.md")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def header(kind: bytes, size: int) -> bytes:
    member = tarfile.TarInfo("x")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "archive", [zipped(zipfile.ZIP_STORED), zipped(zipfile.ZIP_DEFLATED), tarred(), tarred("w:gz")]
)
def test_documents_are_read(archive: bytes) -> None:
    assert [(doc.language, doc.resource, doc.text) for doc in read_archive(archive)] == [("zh", "get_item", "# doc")]


REFUSED: dict[str, Callable[[], bytes]] = {
    "zip bz2": lambda: zipped(zipfile.ZIP_BZIP2, b"\0" * HUGE),
    "zip lzma": lambda: zipped(zipfile.ZIP_LZMA, b"\0" * HUGE),
    "long name": lambda: gzip.compress(header(tarfile.GNUTYPE_LONGNAME, HUGE) + bytes(HUGE)),
    "pax": lambda: gzip.compress(header(tarfile.XHDTYPE, HUGE) + bytes(HUGE)),
    "skipped": lambda: gzip.compress(header(tarfile.REGTYPE, HUGE) + bytes(HUGE)),
    "tar bz2": lambda: bz2.compress(tarred()),
    "tar xz": lambda: lzma.compress(tarred()),
    "cut off": lambda: tarred("w:gz")[:-20],
}
"""Large ones, made when they are wanted."""


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_unpack_to_anything_is_refused(name: str) -> None:
    archive = REFUSED[name]()
    with pytest.raises(Invalid):
        read_archive(archive)


SAMPLES = [zipped(zipfile.ZIP_DEFLATED, b"# doc" * 200), tarred(content=b"x" * 900), tarred("w:gz", b"# doc" * 200)]


@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_archive_is_read_or_refused(archive: bytes, damage: list[tuple[int, int]]) -> None:
    damaged = bytearray(archive)
    for place, byte in damage:
        damaged[place % len(damaged)] = byte
    with suppress(Invalid):
        read_archive(bytes(damaged))
