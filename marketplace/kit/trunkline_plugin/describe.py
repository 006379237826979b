"""What a plugin says of itself, without serving it."""

import traceback
from pathlib import Path
from typing import Any

from trunkline_plugin.project import ProjectUnreadable, opened


def describe(folder: Path) -> dict[str, Any]:
    """Its description, scopes, and the detail of each version.

    Raises:
        ProjectUnreadable: it can't be imported; the message says where.
    """
    try:
        with opened(folder) as project:
            return {
                "description": project.description,
                "allow_scope": project.allow_scope,
                "versions": {number: project.versions[number].dict() for number in sorted(project.versions)},
                "apis": sorted(project.apis),
            }
    except ProjectUnreadable:
        raise
    except Exception as error:
        told = "".join(traceback.format_exception_only(error)).strip()
        raise ProjectUnreadable(f"{_place(error)}{told}") from error


def _place(error: Exception) -> str:
    """The author's own line, not ours."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "bk_plugin" in Path(frame.filename).parts]
    return f'File "{frames[-1].filename}", line {frames[-1].lineno}: ' if frames else ""
