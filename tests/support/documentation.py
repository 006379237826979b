"""What the pages of the documentation hold: tables and blocks of code."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
GUIDES, REFERENCE = ROOT / "docs/guides", ROOT / "docs/reference"


def table_rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of every table row below a heading, up to the next heading of its level."""
    level = heading.split(" ", maxsplit=1)[0]
    section = re.split(rf"^{level} ", page.read_text().split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line for line in section.splitlines() if line.startswith("|") and not set(line) <= set("|- ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def code_blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
