"""A package as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.forms.bounds import is_storable
from marketplace.package.archive import read_archive, write_archive
from marketplace.package.checksums import digest_of
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import CHANGELOG, CHECKSUMS, MANIFEST, README
from marketplace.package.manifest import Manifest
from marketplace.package.manifest_check import read_manifest


@dataclass(frozen=True, slots=True)
class Package:
    """A package in which everything that can be checked without the registry is right.

    Attributes:
        digest: `sha256:<hex>` of its `CHECKSUMS`.
        archive: the bytes as they came.
    """

    manifest: Manifest
    digest: str
    readme: str
    changelog: str
    archive: bytes


def read_package(archive: bytes) -> Package:
    """Unpacks and checks.

    Raises:
        PackageRefused: naming each problem by file or by the manifest's field.
    """
    files = read_archive(archive)
    readme, changelog = _text(files, README), _text(files, CHANGELOG)
    return Package(read_manifest(files[MANIFEST]), digest_of(files[CHECKSUMS]), readme, changelog, archive)


def pack(files: Mapping[str, bytes]) -> Package:
    """Checks what an author wrote and packs it; the same files give the same bytes and digest.

    Raises:
        PackageRefused: as `read_package`.
    """
    return read_package(write_archive(files))


def _text(files: Mapping[str, bytes], name: str) -> str:
    try:
        text = files[name].decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackageRefused.one(name, f"is not UTF-8 at byte {error.start}", "Save it as UTF-8") from error
    if not text.strip():
        raise PackageRefused.one(name, "is empty", "Write what a user must know")
    if not is_storable(text):
        raise PackageRefused.one(name, "holds a NUL character", "Save it as plain text")
    return text
