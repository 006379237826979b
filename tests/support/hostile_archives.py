"""Archives that are attacks, each with the field by which it is refused."""

import hashlib
import io
import stat
import struct
import zipfile
from collections.abc import Callable

from marketplace.package.checksums import render_checksums
from marketplace.package.limits import MAX_ARCHIVE
from tests.support.packages import FIND_HOST, archive_of, files_of

FILES = files_of(FIND_HOST)
GOOD = archive_of(FIND_HOST)
WHOLE = {**FILES, "CHECKSUMS": render_checksums(FILES)}


def zip_of(entries: list[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for entry, data in entries:
            archive.writestr(entry, data, method)
    return buffer.getvalue()


def with_entry(name: str | zipfile.ZipInfo, data: bytes = b"x") -> bytes:
    return zip_of([*WHOLE.items(), (name, data)])


def _replaced(name: str, data: bytes) -> bytes:
    return zip_of(list({**WHOLE, name: data}.items()))


def _without(name: str) -> bytes:
    return zip_of([(key, data) for key, data in WHOLE.items() if key != name])


def _special(name: str, kind: int) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (kind | 0o644) << 16
    return zip_of([(key, data) for key, data in WHOLE.items() if key != name] + [(entry, b"")])


def _link(name: str) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    return zip_of([(key, data) for key, data in WHOLE.items() if key != name] + [(entry, b"/etc/passwd")])


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
    broken = bytearray(zip_of(list(WHOLE.items())))
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
    "too many files": (lambda: zip_of([(f"f{n}", b"") for n in range(501)]), "archive"),
    "traversal": (lambda: with_entry("../evil"), "../evil"),
    "absolute path": (lambda: with_entry("/etc/passwd"), "/etc/passwd"),
    "backslashes": (lambda: with_entry("..\\evil"), "..\\evil"),
    "a folder": (lambda: with_entry("docs/"), "docs/"),
    "a file in a folder": (lambda: with_entry("docs/README.md"), "docs/README.md"),
    "code": (lambda: with_entry("setup.py"), "setup.py"),
    "other case": (lambda: with_entry("readme.md"), "readme.md"),
    "a NUL in the name": (lambda: with_entry("icon.svg_.exe").replace(b"svg_", b"svg\0"), "icon.svg\0.exe"),
    "a link": (lambda: _link("README.md"), "README.md"),
    "a device": (lambda: _special("README.md", stat.S_IFCHR), "README.md"),
    "a pipe": (lambda: _special("bk_plugin/a.py", stat.S_IFIFO), "bk_plugin/a.py"),
    "encrypted": (_encrypted, "CHANGELOG.md"),
    "other compression": (lambda: zip_of(list(WHOLE.items()), zipfile.ZIP_LZMA), "plugin.yaml"),
    "bzip2": (lambda: zip_of(list(WHOLE.items()), zipfile.ZIP_BZIP2), "plugin.yaml"),
    "a bomb by ratio": (lambda: _replaced("README.md", b"a" * 500_000), "README.md"),
    "a bomb by size": (lambda: _replaced("plugin.yaml", _noise(300_000)), "plugin.yaml"),
    "understated size": (_understated, "archive"),
    "overlapping files": (_overlapping, "archive"),
    "traversal below the code": (lambda: with_entry("bk_plugin/../evil"), "bk_plugin/../evil"),
    "a hidden file of code": (lambda: with_entry("bk_plugin/.git"), "bk_plugin/.git"),
    "a folder of code": (lambda: with_entry("bk_plugin/versions/"), "bk_plugin/versions/"),
    "an absolute path below the code": (lambda: with_entry("bk_plugin//etc"), "bk_plugin//etc"),
    "code twice": (
        lambda: zip_of([*WHOLE.items(), ("bk_plugin/a.py", b""), ("bk_plugin/A.py", b"")]),
        "bk_plugin/A.py",
    ),
    "code that is a link": (lambda: _link("bk_plugin/a.py"), "bk_plugin/a.py"),
    "no manifest": (lambda: _without("plugin.yaml"), "plugin.yaml"),
    "no readme": (lambda: _without("README.md"), "README.md"),
    "no changelog": (lambda: _without("CHANGELOG.md"), "CHANGELOG.md"),
    "no checksums": (lambda: _without("CHECKSUMS"), "CHECKSUMS"),
    "a changed file": (lambda: _replaced("README.md", b"# Other\n"), "CHECKSUMS: README.md"),
    "an unlisted file": (lambda: with_entry("icon.svg", b"<svg/>"), "CHECKSUMS: icon.svg"),
    "wrong checksums": (lambda: _replaced("CHECKSUMS", b"0" * 64 + b"  README.md\n"), "CHECKSUMS: CHANGELOG.md"),
    "checksums with more": (lambda: _replaced("CHECKSUMS", WHOLE["CHECKSUMS"] + b"\n"), "CHECKSUMS"),
}
