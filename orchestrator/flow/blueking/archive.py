"""The ``.dat`` files Standard OPS exports: templates with those they run inside, in base64."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kernel.names import in_plain_characters

_SALTS = ("821a11587ea434eb85c2f5327a90ae54", "e5483c1ccde63392bd439775bba6a7ae")


class NoArchive(Exception):
    """The text is no export; it says why."""


@dataclass(frozen=True, slots=True)
class SavedScheme:
    """A saved selection: the nodes that run."""

    name: str
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """One exported template.

    Attributes:
        id: what others run it by.
        executor: whom it names as executor proxy, empty for nobody; none in a file that does not say.
    """

    id: str
    name: str
    description: str
    tree: Mapping[str, Any]
    schemes: tuple[SavedScheme, ...] = ()
    executor: str | None = None


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
        executors = _executors(data.get("template") or {})
        templates = {name: _template(name, item, executors.get(name, "")) for name, item in found.items()}
        return Archive(_children_first(templates), document.get("digest") in _digests(data))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoArchive(f"no export of Standard OPS: {type(error).__name__} {error}") from error


def write_archive(templates: Sequence[Template], at: datetime) -> str:
    """The export of templates, with what they run inside among them."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    data = {
        "exporter_version": 1,
        "template_source": "project",
        "template": {str(number): _listed(number, each) for number, each in enumerate(templates, 1)},
        "pipeline_template_data": {
            "template": {each.id: _kept(each, moment) for each in templates},
            "refs": _references(templates),
        },
    }
    document = {"digest": _digest(_compact(data), _SALTS[0]), "template_data": data}
    return base64.b64encode(_compact(document).encode()).decode()


def _listed(number: int, template: Template) -> dict[str, Any]:
    return {
        "id": number,
        "category": "Other",
        "time_out": 20,
        "notify_type": json.dumps({"success": [], "fail": []}),
        "notify_receivers": json.dumps({"receiver_group": [], "more_receiver": ""}),
        "pipeline_template_str_id": template.id,
        "pipeline_template_id": template.id,
        "default_flow_type": "common",
        "executor_proxy": template.executor or "",
        "project_id": 1,
    }


def _kept(template: Template, moment: str) -> dict[str, Any]:
    return {
        "template_id": template.id,
        "name": template.name,
        "description": template.description,
        "creator": "",
        "editor": "",
        "create_time": moment,
        "edit_time": moment,
        "tree": template.tree,
        "schemes": [{"name": each.name, "data": json.dumps(each.kept)} for each in template.schemes],
    }


def _references(templates: Sequence[Template]) -> dict[str, dict[str, list[str]]]:
    """Template that is run inside → template that does so → its nodes."""
    found: dict[str, dict[str, list[str]]] = {}
    for template in templates:
        for name, activity in template.tree["activities"].items():
            if activity["type"] == "SubProcess":
                found.setdefault(activity["template_id"], {}).setdefault(template.id, []).append(name)
    return found


def _template(name: str, item: Mapping[str, Any], executor: str) -> Template:
    return Template(
        name,
        in_plain_characters(str(item["name"])) or name,
        str(item.get("description") or ""),
        item["tree"],
        tuple(_schemes(item.get("schemes") or ())),
        executor,
    )


def _executors(listed: Mapping[str, Any]) -> dict[str, str]:
    """Template → its executor proxy, where it has one."""
    return {
        str(each["pipeline_template_str_id"]): str(each["executor_proxy"])
        for each in listed.values()
        if isinstance(each, Mapping) and each.get("executor_proxy") and each.get("pipeline_template_str_id")
    }


def _schemes(listed: Iterable[Any]) -> Iterator[SavedScheme]:
    """Those that can be read: a name, and node ids as a list or as its JSON."""
    for each in listed:
        if not isinstance(each, Mapping) or not each.get("name"):
            continue
        data = each.get("data")
        kept = json.loads(data) if isinstance(data, str) else data
        if isinstance(kept, list):
            yield SavedScheme(str(each["name"]), tuple(str(node) for node in kept))


def _digests(data: Any) -> set[str]:
    return {_digest(_compact(data), salt) for salt in _SALTS}


def _compact(data: Any) -> str:
    """As the sender writes it: without spaces, slashes escaped."""
    return json.dumps(data, sort_keys=True, separators=(",", ":")).replace("/", "\\/")


def _digest(compact: str, salt: str) -> str:
    return hashlib.md5((compact + salt).encode(), usedforsecurity=False).hexdigest()


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
