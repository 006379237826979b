"""The ``.dat`` files Standard OPS exports: templates with those they run inside, in base64."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SALTS = ("821a11587ea434eb85c2f5327a90ae54", "e5483c1ccde63392bd439775bba6a7ae")


class NoArchive(Exception):
    """The text is no export; it says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """One exported template; ``id`` is what others run it by."""

    id: str
    name: str
    description: str
    tree: Mapping[str, Any]
    schemes: int = 0


@dataclass(frozen=True, slots=True)
class Archive:
    """Attributes:
    templates: those that others run inside come before them.
    intact: whether the digest is that of the content.
    """

    templates: tuple[Template, ...]
    intact: bool


def read_archive(text: str) -> Archive:
    """Raises:
    NoArchive: it can't be read.
    """
    try:
        document = json.loads(base64.b64decode(text.strip(), validate=True))
        data = document["template_data"]
        found = data["pipeline_template_data"]["template"]
        templates = {name: _template(name, item) for name, item in found.items()}
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoArchive(f"no export of Standard OPS: {type(error).__name__} {error}") from error
    return Archive(_children_first(templates), document.get("digest") in _digests(data))


def _template(name: str, item: Mapping[str, Any]) -> Template:
    return Template(
        name,
        str(item["name"]),
        str(item.get("description") or ""),
        item["tree"],
        len(item.get("schemes") or ()),
    )


def _digests(data: Any) -> set[str]:
    """As its sender computes them, over compact JSON with escaped slashes."""
    compact = json.dumps(data, sort_keys=True, separators=(",", ":")).replace("/", "\\/")
    return {hashlib.md5((compact + salt).encode(), usedforsecurity=False).hexdigest() for salt in _SALTS}


def _children_first(templates: Mapping[str, Template]) -> tuple[Template, ...]:
    ordered: dict[str, Template] = {}

    def add(name: str, outer: tuple[str, ...]) -> None:
        if name in ordered or name in outer or name not in templates:
            return
        for activity in templates[name].tree.get("activities", {}).values():
            if activity.get("type") == "SubProcess":
                add(str(activity.get("template_id")), (*outer, name))
        ordered[name] = templates[name]

    for name in templates:
        add(name, ())
    return tuple(ordered.values())
