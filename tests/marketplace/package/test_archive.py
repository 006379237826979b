import hashlib
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import TrunklineError
from marketplace.package.archive import read_archive, write_archive
from marketplace.package.checksums import render_checksums
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import MAX_ARCHIVE
from marketplace.package.package import pack, read_package
from tests.support.packages import FIND_HOST, archive_of, files_of

FILES = files_of(FIND_HOST)
GOOD = archive_of(FIND_HOST)
WHOLE = {**FILES, "CHECKSUMS": render_checksums(FILES)}


def _zip(entries: list[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for entry, data in entries:
            archive.writestr(entry, data, method)
    return buffer.getvalue()


def _with(name: str | zipfile.ZipInfo, data: bytes = b"x") -> bytes:
    return _zip([*WHOLE.items(), (name, data)])


def _replaced(name: str, data: bytes) -> bytes:
    return _zip(list({**WHOLE, name: data}.items()))


def _without(name: str) -> bytes:
    return _zip([(key, data) for key, data in WHOLE.items() if key != name])


def _link(name: str) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    return _zip([(key, data) for key, data in WHOLE.items() if key != name] + [(entry, b"/etc/passwd")])


def _noise(size: int) -> bytes:
    """Bytes that don't compress."""
    return b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(size // 32))


def _commented() -> bytes:
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"hello"
    return buffer.getvalue()


def _encrypted() -> bytes:
    broken = bytearray(GOOD)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = broken.find(signature)
        while position >= 0:
            broken[position + offset] |= 1
            position = broken.find(signature, position + 4)
    return bytes(broken)


def _understated() -> bytes:
    """Declares README.md as one byte long."""
    broken = bytearray(_zip(list(WHOLE.items())))
    position = broken.find(b"PK\x01\x02")
    while broken[position + 46 : position + 46 + 9] != b"README.md":
        position = broken.find(b"PK\x01\x02", position + 4)
    struct.pack_into("<L", broken, position + 24, 1)
    return bytes(broken)


def _overlapping() -> bytes:
    """Every entry of the table of contents points at the first file."""
    broken = bytearray(GOOD)
    position = broken.find(b"PK\x01\x02")
    while position >= 0:
        struct.pack_into("<L", broken, position + 42, 0)
        position = broken.find(b"PK\x01\x02", position + 4)
    return bytes(broken)


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "archive"),
    "text": (lambda: b"hello world, this is no zip", "archive"),
    "only the end record": (lambda: GOOD[-22:], "archive"),
    "cut short": (lambda: GOOD[:-1], "archive"),
    "bytes before": (lambda: b"#!/bin/sh\n" + GOOD, "archive"),
    "bytes behind": (lambda: GOOD + b"x", "archive"),
    "a comment": (_commented, "archive"),
    "too large": (lambda: b"PK" + bytes(MAX_ARCHIVE), "archive"),
    "too many files": (lambda: _zip([(f"f{n}", b"") for n in range(501)]), "archive"),
    "traversal": (lambda: _with("../evil"), "../evil"),
    "absolute path": (lambda: _with("/etc/passwd"), "/etc/passwd"),
    "backslashes": (lambda: _with("..\\evil"), "..\\evil"),
    "a folder": (lambda: _with("docs/"), "docs/"),
    "a file in a folder": (lambda: _with("docs/README.md"), "docs/README.md"),
    "code": (lambda: _with("setup.py"), "setup.py"),
    "other case": (lambda: _with("readme.md"), "readme.md"),
    "a NUL in the name": (lambda: _with("icon.svg_.exe").replace(b"svg_", b"svg\0"), "icon.svg\0.exe"),
    "a link": (lambda: _link("README.md"), "README.md"),
    "encrypted": (_encrypted, "CHANGELOG.md"),
    "other compression": (lambda: _zip(list(WHOLE.items()), zipfile.ZIP_LZMA), "plugin.yaml"),
    "bzip2": (lambda: _zip(list(WHOLE.items()), zipfile.ZIP_BZIP2), "plugin.yaml"),
    "a bomb by ratio": (lambda: _replaced("README.md", b"a" * 500_000), "README.md"),
    "a bomb by size": (lambda: _replaced("plugin.yaml", _noise(300_000)), "plugin.yaml"),
    "understated size": (_understated, "archive"),
    "overlapping files": (_overlapping, "archive"),
    "traversal below the code": (lambda: _with("bk_plugin/../evil"), "bk_plugin/../evil"),
    "a hidden file of code": (lambda: _with("bk_plugin/.git"), "bk_plugin/.git"),
    "a folder of code": (lambda: _with("bk_plugin/versions/"), "bk_plugin/versions/"),
    "an absolute path below the code": (lambda: _with("bk_plugin//etc"), "bk_plugin//etc"),
    "code twice": (lambda: _zip([*WHOLE.items(), ("bk_plugin/a.py", b""), ("bk_plugin/A.py", b"")]), "bk_plugin/A.py"),
    "code that is a link": (lambda: _link("bk_plugin/a.py"), "bk_plugin/a.py"),
    "no manifest": (lambda: _without("plugin.yaml"), "plugin.yaml"),
    "no readme": (lambda: _without("README.md"), "README.md"),
    "no changelog": (lambda: _without("CHANGELOG.md"), "CHANGELOG.md"),
    "no checksums": (lambda: _without("CHECKSUMS"), "CHECKSUMS"),
    "a changed file": (lambda: _replaced("README.md", b"# Other\n"), "CHECKSUMS: README.md"),
    "an unlisted file": (lambda: _with("icon.svg", b"<svg/>"), "CHECKSUMS: icon.svg"),
    "wrong checksums": (lambda: _replaced("CHECKSUMS", b"0" * 64 + b"  README.md\n"), "CHECKSUMS: CHANGELOG.md"),
    "checksums with more": (lambda: _replaced("CHECKSUMS", WHOLE["CHECKSUMS"] + b"\n"), "CHECKSUMS"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_archive_that_is_no_plain_package_is_refused_by_name(name: str) -> None:
    make, field = ATTACKS[name]
    with pytest.raises(PackageRefused) as caught:
        read_archive(make())
    assert [problem.field for problem in caught.value.fields] == [field]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused() -> None:
    with pytest.raises(PackageRefused, match=r"README\.md: is there twice"):
        read_archive(_with("README.md"))


def test_the_same_files_give_the_same_bytes_and_digest() -> None:
    shuffled = dict(reversed(FILES.items()))
    assert write_archive(shuffled) == GOOD
    assert pack(shuffled).digest == read_package(GOOD).digest


def test_the_digest_depends_on_content_and_not_on_compression() -> None:
    stored = _zip(list(WHOLE.items()), zipfile.ZIP_STORED)
    assert stored != GOOD
    assert read_package(stored).digest == read_package(GOOD).digest
    assert pack({**FILES, "README.md": b"# Other\n"}).digest != read_package(GOOD).digest


def test_a_package_comes_back_as_it_was_packed() -> None:
    assert read_archive(GOOD) == WHOLE


def _outcome(read: Callable[[bytes], Any], archive: bytes) -> Any:
    """What was read, or the fields that a refusal names; anything else that is raised fails the test."""
    try:
        return read(archive)
    except TrunklineError as error:
        return tuple(error.fields)


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_bytes_are_read_or_refused_and_never_crash(changes: list[tuple[int, int]]) -> None:
    mutated = bytearray(GOOD)
    for position, value in changes:
        mutated[position] = value
    assert _outcome(read_package, bytes(mutated)) != ()


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=64))
@settings(max_examples=300, deadline=None)
def test_cut_and_spliced_archives_are_refused_and_never_crash(start: int, end: int, inserted: bytes) -> None:
    spliced = GOOD[:start] + inserted + GOOD[end:]
    outcome = _outcome(read_archive, spliced)
    assert outcome == WHOLE or isinstance(outcome, tuple)
    assert outcome != ()
