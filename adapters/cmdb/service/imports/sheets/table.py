"""A table as a file has it, whatever the file's format. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 200
LONGEST_CELL: Final = 4_000

Cell = str | int | float | bool | datetime | date | None


class SheetUnreadable(Exception):
    """The file can't be read as a table; the text says why and what would do."""


@dataclass(frozen=True, slots=True)
class Table:
    """Attributes:
    rows: each with its number in the file, as people count it, and as many cells as there are columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def table_of(lines: Iterable[tuple[int, Sequence[Cell]]]) -> Table:
    """The first line that isn't empty names the columns; empty lines are passed over.

    Raises:
        SheetUnreadable: too many rows or columns, a cell that is too long, or no line of names.
    """
    columns: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    for number, cells in lines:
        if all(cell is None or cell == "" for cell in cells):
            continue
        if not columns:
            columns = _names(cells)
            continue
        if len(rows) >= MOST_ROWS:
            raise SheetUnreadable(f"has more than {MOST_ROWS} rows; divide it into several files")
        _check_cells(number, cells)
        padded = (*cells, *[None] * (len(columns) - len(cells)))
        rows.append((number, tuple(padded[: len(columns)])))
    if not columns:
        raise SheetUnreadable("is empty; its first line names the columns")
    return Table(columns, tuple(rows))


def _names(cells: Sequence[Cell]) -> tuple[str, ...]:
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise SheetUnreadable(f"has {len(names)} columns, more than {MOST_COLUMNS}")
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise SheetUnreadable(f"has two columns {', '.join(sorted(twice))}")
    return tuple(names)


def _check_cells(number: int, cells: Sequence[Cell]) -> None:
    for place, cell in enumerate(cells, start=1):
        if isinstance(cell, str) and len(cell) > LONGEST_CELL:
            raise SheetUnreadable(f"has more than {LONGEST_CELL} characters in row {number}, column {place}")
