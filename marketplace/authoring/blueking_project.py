"""A project for bk-plugin-framework, made a package: it has no manifest, so one is made of what its code says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from marketplace.authoring.form_needs import with_form_needs
from marketplace.package.compatibility import parsed, published_as
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import CHANGELOG, MANIFEST, README
from marketplace.package.manifest import PluginKind

_NAME = re.compile(r"[a-z][a-z0-9_]{1,63}")


@dataclass(frozen=True, slots=True)
class Naming:
    """What nothing in the code of such a project says.

    Attributes:
        code: of the plugin; empty for the name of its folder.
        publisher: who publishes it.
    """

    code: str = ""
    publisher: str = ""


def project_texts(described: Mapping[str, Any], named: Naming, folder: str) -> dict[str, bytes]:
    """The manifest of the newest of the code's versions, and texts to stand where the project has none.

    Args:
        described: as `describe_code` answers.
        folder: the name of the project's folder.

    Raises:
        PackageRefused: it is not known who publishes it, or under which code.
    """
    code = named.code or re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")
    if not _NAME.fullmatch(code):
        problem = f"{code!r} is no code of a plugin"
        raise PackageRefused.one("code", problem, "Choose one of a-z, 0-9 and _ with --code")
    if not named.publisher:
        problem = f"is not known, since there is no {MANIFEST}"
        raise PackageRefused.one("publisher", problem, "Name who publishes the plugin with --publisher")
    if not described["versions"]:
        raise PackageRefused.one("bk_plugin/versions", "holds no version", "Write a class of Plugin there")
    numbers = sorted(described["versions"], key=parsed)
    newest = described["versions"][numbers[-1]]
    title = code.replace("_", " ").capitalize()
    about = described["description"] or newest["desc"] or title
    manifest: dict[str, Any] = {
        "code": code,
        "version": published_as(numbers[-1]),
        "kind": PluginKind.PYTHON.value,
        "publisher": named.publisher,
        "name": {"en": title, "zh": title},
        "description": {"en": about, "zh": about},
        "scopes": [],
    }
    manifest = with_form_needs(manifest, newest["forms"]["renderform"] or "")
    changes = "".join(
        f"\n## {published_as(number)}\n\n- {described['versions'][number]['desc'] or 'No description.'}\n"
        for number in reversed(numbers)
    )
    return {
        MANIFEST: yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False).encode(),
        README: f"# {title}\n\n{about}\n".encode(),
        CHANGELOG: f"# Changes\n{changes}".encode(),
    }
