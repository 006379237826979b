"""The kit and what it needs, copied once from the environment of the server: no index is asked, no code is run."""

import compileall
import hashlib
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

from packaging.markers import Marker
from packaging.requirements import Requirement

KIT_NEEDS: Final = (
    "cryptography",
    "httptools",
    "joserfc",
    "pydantic",
    "python-multipart",
    "starlette",
    "uvicorn",
    "uvloop",
)
"""What `marketplace/kit/pyproject.toml` asks for."""
_KIT: Final = "trunkline_plugin"
_NO_PACKAGES = re.compile(r"(\.\./|.*\.dist-info/(RECORD|INSTALLER|direct_url\.json|REQUESTED)$)")


def kit_layer(folder: Path) -> Path:
    """A folder to be searched for packages after a plugin's own, made below `folder` unless it is there already."""
    needed = _closure()
    place = folder / f"kit-{_digest(needed)}"
    if place.is_dir():
        return place
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder, prefix="kit-"))
    made.chmod(0o755)
    for found in needed:
        for name in _files(found):
            _copy(Path(str(found.locate_file(name))), made / name)
    for file in _kit_files():
        _copy(file, made / _KIT / file.relative_to(_kit_folder()))
    compileall.compile_dir(made, quiet=2, stripdir=str(made))  # plugins may not write what Python compiles
    with suppress(FileExistsError, OSError):  # another process was faster
        made.rename(place)
    if made.is_dir():
        shutil.rmtree(made)
    return place


def _closure() -> list[Distribution]:
    """These distributions, and what they ask for in turn."""
    found: dict[str, Distribution] = {}
    waiting = list(KIT_NEEDS)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        with suppress(PackageNotFoundError):
            found[name] = distribution(name)
            waiting += [asked.name for asked in _asked(found[name])]
    return [found[name] for name in sorted(found)]


def _asked(found: Distribution) -> Iterator[Requirement]:
    for text in found.requires or ():
        asked = Requirement(text)
        if _holds(asked.marker):
            yield asked


def _holds(marker: Marker | None) -> bool:
    return marker is None or marker.evaluate({"extra": ""})


def _files(found: Distribution) -> Iterator[str]:
    for file in found.files or ():
        name = file.as_posix()
        if not _NO_PACKAGES.match(name) and Path(str(found.locate_file(file))).is_file():
            yield name


def _kit_folder() -> Path:
    spec = importlib.util.find_spec(_KIT)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(_KIT)
    return Path(spec.origin).parent


def _kit_files() -> list[Path]:
    return sorted(file for file in _kit_folder().rglob("*") if file.is_file() and file.suffix != ".pyc")


def _copy(source: Path, target: Path) -> None:
    """With its compiled code where there is any: it is known by the time of its source, which is kept."""
    _place(source, target)
    if source.suffix == ".py":
        compiled = Path(cache_from_source(str(source)))
        if compiled.is_file():
            _place(compiled, Path(cache_from_source(str(target))))


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _digest(needed: list[Distribution]) -> str:
    """Of what the layer holds: another server's packages, or another kit, make another layer."""
    told = hashlib.sha256()
    for found in needed:
        told.update(f"{found.metadata['Name']} {found.version}\n".encode())
    for file in _kit_files():
        told.update(f"{file.relative_to(_kit_folder())} {file.stat().st_size}\n".encode())
        told.update(file.read_bytes())
    return told.hexdigest()[:16]
