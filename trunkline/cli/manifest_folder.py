"""A system's document as files: one for the system, one for each component, release and stage.

::

    system.yaml            name, title, aliases, policies; `order` of the components
    components/NAME.yaml   the draft, of which the next release is made
    releases/VERSION.yaml  releases that stages serve, in full
    stages/NAME.yaml
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from trunkline.cli.files import read_file

_SYSTEM = "system.yaml"
_PARTS = {"components": "name", "releases": "version", "stages": "name"}


def write_folder(document: Mapping[str, Any], folder: Path) -> int:
    """Writes the files, removes those of parts that are no more, and answers how many there are."""
    system = {name: value for name, value in document.items() if name not in _PARTS}
    order = [component["name"] for component in document["components"]]
    if order != sorted(order):
        system["order"] = order
    files = {folder / _SYSTEM: system}
    for part, key in _PARTS.items():
        files |= {folder / part / f"{each[key]}.yaml": each for each in document[part]}
        (folder / part).mkdir(parents=True, exist_ok=True)
        for old in set((folder / part).glob("*.yaml")) - files.keys():
            old.unlink()
    for path, content in files.items():
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return len(files)


def read_folder(folder: Path) -> dict[str, Any]:
    """The document in the files; components are taken in the system's `order`, then by name.

    Raises:
        ValueError: a file can't be read, is no object, or isn't named as what is in it.
    """
    system = _read(folder / _SYSTEM)
    order = system.pop("order", [])
    if not isinstance(order, list):
        raise ValueError(f"{folder / _SYSTEM}: order is no list of components")  # noqa: TRY004  as in _read
    parts = {part: list(_read_part(folder / part, key)) for part, key in _PARTS.items()}
    places = {name: place for place, name in enumerate(order)}
    parts["components"].sort(key=lambda each: (places.get(each["name"], len(places)), each["name"]))
    return {**system, **parts}


def _read_part(folder: Path, key: str) -> Iterable[dict[str, Any]]:
    for path in sorted(folder.glob("*.yaml")):
        content = _read(path)
        if content.get(key) != path.stem:
            raise ValueError(f"{path}: its {key} is {content.get(key)!r}; name the file {content.get(key)}.yaml")
        yield content


def _read(path: Path) -> dict[str, Any]:
    content = read_file(path)
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no object")  # noqa: TRY004  the file is wrong, not a caller's type
    return content
