"""The reference page is where examples of policies stand; tests read them there."""

import json
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs/reference/policies.md"


def sections() -> dict[str, str]:
    """What the page says of each kind."""
    kinds = PAGE.read_text().split("## Kinds")[1].split("## BlueKing")[0]
    parts = re.split(r"^### `([a-z-]+)`$", kinds, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def example(kind: str) -> dict[str, Any]:
    block = re.search(r"```json\n(.*?)```", sections()[kind], re.DOTALL)
    assert block is not None
    config: dict[str, Any] = json.loads(block[1])
    return config
