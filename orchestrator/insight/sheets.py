"""Figures as CSV (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_sheet(table: type[BaseModel], rows: Sequence[BaseModel]) -> str:
    """A line of names, then one for each row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.model_fields)
    writer.writerows([_cell(value) for value in row.model_dump().values()] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is kept a text."""
    if isinstance(value, float):
        return round(value, 3)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
