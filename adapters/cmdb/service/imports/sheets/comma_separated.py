"""CSV, in UTF-8 or as Excel writes it in China; separated by commas, semicolons or tabs."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from adapters.cmdb.service.imports.sheets.table import Cell, SheetUnreadable, Table, table_of

_DELIMITERS: Final = ",;\t"
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""With which programs begin to calculate (OWASP, CSV injection)."""


def read_csv(content: bytes) -> Table:
    """Raises SheetUnreadable."""
    text = _decoded(content)
    if "\x00" in text:
        raise SheetUnreadable("holds NUL characters: it is no text")
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return table_of(_lines(reader))
    except csv.Error as error:
        raise SheetUnreadable(f"line {reader.line_num}: {error}") from None


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    for number, cells in enumerate(reader, start=1):
        yield number, [_unguarded(cell.strip()) for cell in cells]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetUnreadable("is no text in UTF-8 or GB 18030; save it as CSV UTF-8")


def write_csv(columns: Sequence[str], rows: Iterator[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, by which Excel knows it. No cell is taken for a formula."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([_guarded(name) for name in columns])
    writer.writerows([_guarded(cell) for cell in cells] for cells in rows)
    return written.getvalue().encode("utf-8-sig")


def _guarded(cell: Cell) -> Cell:
    """An apostrophe before what a program would calculate; `read_csv` takes it away again."""
    if isinstance(cell, str) and (cell.startswith(_FORMULA_SIGNS) or _is_guarded(cell)):
        return f"'{cell}"
    return cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _is_guarded(cell) else cell


def _is_guarded(cell: str) -> bool:
    return cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA_SIGNS)
