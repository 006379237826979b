"""How the demo prints."""

import json
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_MAX_VALUE = 400


class Show:
    """Numbered steps and what each gave."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps = 0

    def step(self, title: str) -> None:
        self._steps += 1
        self._console.print()
        self._console.rule(f"[bold]{self._steps}. {escape(title)}", align="left", style="cyan")

    def line(self, text: str) -> None:
        self._console.print(escape(text), highlight=False)

    def good(self, text: str) -> None:
        self._console.print(f"[green]✓[/] {escape(text)}", highlight=False)

    def refused(self, text: str) -> None:
        self._console.print(f"[yellow]✗[/] {escape(text)}", highlight=False)

    def json(self, value: Any) -> None:
        self._console.print_json(json.dumps(value, ensure_ascii=False))

    def block(self, text: str) -> None:
        """Text as it is, indented."""
        for line in text.rstrip().splitlines():
            self._console.print(f"    [dim]{escape(line)}[/]", highlight=False, soft_wrap=True)

    def table(self, columns: list[str], rows: list[list[str]]) -> None:
        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*(escape(cell[:_MAX_VALUE]) for cell in row))
        self._console.print(table)
