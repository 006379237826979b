"""A package as its author keeps it: a folder with `plugin.yaml`, `README.md`, `CHANGELOG.md` and perhaps `icon.svg`."""

from pathlib import Path

from marketplace.package.errors import PackageRefused
from marketplace.package.limits import CONTENT, MANIFEST, MAX_SIZES
from marketplace.package.package import Package, pack, read_package


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a package; whatever else lies there is left out.

    Raises:
        PackageRefused: no manifest, or a file that is too large or can't be read.
    """
    if not (folder / MANIFEST).is_file():
        raise PackageRefused.one(MANIFEST, f"is missing in {folder}", "Begin with `trunkline plugin new`")
    return {name: _read(folder / name) for name in CONTENT if (folder / name).is_file()}


def open_package(path: Path) -> Package:
    """The package in a folder or an archive, checked.

    Raises:
        PackageRefused: naming each problem.
    """
    if path.is_dir():
        return pack(read_folder(path))
    try:
        return read_package(path.read_bytes())
    except OSError as error:
        raise PackageRefused.one(str(path), f"can't be read: {error.strerror}") from error


def _read(path: Path) -> bytes:
    if path.is_symlink() or path.stat().st_size > MAX_SIZES[path.name]:
        problem = f"is a link or larger than {MAX_SIZES[path.name]} bytes"
        raise PackageRefused.one(path.name, problem, "Put the file itself there, and shorten it")
    try:
        return path.read_bytes()
    except OSError as error:
        raise PackageRefused.one(path.name, f"can't be read: {error.strerror}") from error
