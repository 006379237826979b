"""The code of a Python plugin, asked in a process of its own what it says of itself."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from marketplace.package.compatibility import Contract, FormTags, parsed
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import CODE
from marketplace.package.plugin_detail import PluginDetail

_SECONDS = 120
_MOST_TEXT = 2_000


def is_code(folder: Path) -> bool:
    """Whether a folder is laid out as a Python plugin's."""
    return (folder / CODE / "versions").is_dir()


def describe_code(folder: Path, python: str = sys.executable) -> dict[str, Any]:
    """`description`, and the `detail` of each of its `versions`.

    Raises:
        PackageRefused: it can't be imported; the problem is what Python says.
    """
    command = [python, "-m", "trunkline_plugin", "describe", str(folder)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PackageRefused.one(CODE, f"can't be imported: {error}", "Name the interpreter with --python") from error
    if ran.returncode:
        said = ran.stderr.strip()[-_MOST_TEXT:]
        raise PackageRefused.one(CODE, f"can't be imported: {said}", "Mend it, or name the interpreter with --python")
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def code_contracts(described: dict[str, Any]) -> dict[str, Contract]:
    """By version, in their order."""
    found = {}
    for number in sorted(described["versions"], key=parsed):
        detail = PluginDetail.model_validate(described["versions"][number])
        inputs, outputs, context = (
            schema.json_schema() for schema in (detail.inputs, detail.outputs, detail.context_inputs)
        )
        found[number] = Contract(inputs, outputs, context, FormTags.of(detail.forms.renderform))
    return found
