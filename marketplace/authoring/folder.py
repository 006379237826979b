"""A package as its author keeps it: a folder with `plugin.yaml`, texts, and of a Python plugin its code."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from marketplace.authoring.blueking_project import Naming, project_texts
from marketplace.authoring.code import describe_code, is_code
from marketplace.package.compatibility import published_as
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import CODE, CONTENT, DETAIL, MANIFEST, SCREENSHOTS, limit_of
from marketplace.package.manifest import PluginKind
from marketplace.package.package import Package, pack, read_package
from marketplace.package.project_archive import MAX_PROJECT, read_project_archive
from marketplace.package.published import Published, published_of, read_published
from marketplace.package.yaml_text import read_yaml

_NOT_CODE = ("__pycache__", ".pyc")


def read_folder(folder: Path, python: str = sys.executable, named: Naming | None = None) -> dict[str, bytes]:
    """The files of a package; whatever else lies there is left out.

    Args:
        python: the interpreter that has what a Python plugin's code needs.
        named: of a project for bk-plugin-framework, which has no manifest.

    Raises:
        PackageRefused: no manifest and no such project, or a file that is too large or can't be read, or code that
            can't be imported.
    """
    if not (folder / MANIFEST).is_file():
        return _read_project(folder, python, named or Naming())
    files = _texts_and_pictures(folder)
    document = read_yaml(files[MANIFEST])
    if isinstance(document, dict) and document.get("kind") == PluginKind.PYTHON:
        if not is_code(folder):
            remedy = "Begin with `trunkline plugin new --kind python`"
            raise PackageRefused.one(f"{CODE}versions", "is missing", remedy)
        files |= _code_and_detail(folder, str(document.get("version")), describe_code(folder, python))
    return files


def _read_project(folder: Path, python: str, named: Naming) -> dict[str, bytes]:
    if not is_code(folder):
        raise PackageRefused.one(MANIFEST, f"is missing in {folder}", "Begin with `trunkline plugin new`")
    described = describe_code(folder, python)
    made = project_texts(described, named, folder.resolve().name)
    files = made | _texts_and_pictures(folder)
    version = str(read_yaml(made[MANIFEST])["version"])
    return files | _code_and_detail(folder, version, described)


def _texts_and_pictures(folder: Path) -> dict[str, bytes]:
    files = {name: _read(folder, name) for name in CONTENT if (folder / name).is_file()}
    pictures = (f"{SCREENSHOTS}{path.name}" for path in sorted((folder / SCREENSHOTS).glob("*")))
    return files | {name: _read(folder, name) for name in pictures}


def _code_and_detail(folder: Path, version: str, described: dict[str, Any]) -> dict[str, bytes]:
    return {name: _read(folder, name) for name in _code(folder)} | {DETAIL: _detail(version, described)}


@contextmanager
def author_folder(path: Path) -> Iterator[Path]:
    """The folder in a zip that was not packed, for as long as it is wanted; any other path as it is.

    Raises:
        PackageRefused: it can't be unpacked as it is.
    """
    files = None if path.is_dir() else read_project_archive(_archive(path))
    if files is None:
        yield path
        return
    with TemporaryDirectory() as made:
        folder = Path(made) / path.stem
        for name, content in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        yield folder


def open_package(path: Path, python: str = sys.executable, named: Naming | None = None) -> Package:
    """The package in a folder or an archive, checked.

    Args:
        named: as `read_folder`.

    Raises:
        PackageRefused: naming each problem.
    """
    if path.is_dir():
        return pack(read_folder(path, python, named))
    return read_package(_archive(path))


def open_published(path: Path, python: str = sys.executable) -> Published:
    """A version that was published already, in a folder or an archive.

    Raises:
        PackageRefused: it can't be read.
    """
    if path.is_dir():
        return published_of(read_folder(path, python))
    return read_published(_archive(path))


def _archive(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_PROJECT + 1)
    except OSError as error:
        raise PackageRefused.one(str(path), f"can't be read: {error.strerror}") from error
    return content


def _code(folder: Path) -> Iterator[str]:
    for path in sorted((folder / CODE).rglob("*")):
        place = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") or part.endswith(_NOT_CODE) for part in place.parts):
            yield place.as_posix()


def _detail(version: str, described: dict[str, Any]) -> bytes:
    published = {published_as(number): detail for number, detail in described["versions"].items()}
    if version not in published:
        problem = f"{version} is not among the code's: {', '.join(published) or 'none'}"
        raise PackageRefused.one("version", problem, "Name the version that is to be published")
    return json.dumps(published[version], ensure_ascii=False, sort_keys=True).encode()


def _read(folder: Path, name: str) -> bytes:
    path, limit = folder / name, limit_of(name)
    if limit is None:
        raise PackageRefused.one(name, "has a name that can't be packed", "Use letters, digits, - _ and . alone")
    if path.is_symlink() or path.stat().st_size > limit:
        problem = f"is a link or larger than {limit} bytes"
        raise PackageRefused.one(name, problem, "Put the file itself there, and shorten it")
    try:
        return path.read_bytes()
    except OSError as error:
        raise PackageRefused.one(name, f"can't be read: {error.strerror}") from error
