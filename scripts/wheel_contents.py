"""Build hook: what lies outside the packages but belongs into the wheel."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_INSIDE = {"migrations": "trunkline/migrations", "web/dist": "trunkline/console"}


class WheelContents(BuildHookInterface[Any]):
    """Adds the migrations and the built console; an editable install reads them from the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for source, target in _INSIDE.items():
            if not (Path(self.root) / source).is_dir():
                raise FileNotFoundError(f"{source} is missing; build the console first: scripts/bootstrap")
            build_data["force_include"][source] = target
