"""Excel workbooks (.xlsx): the first sheet, values only. A file is measured before it is opened."""

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import IO, Any, Final
from xml.parsers import expat

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from adapters.cmdb.service.imports.sheets.table import (
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    SheetUnreadable,
    Table,
    table_of,
)

_MOST_PARTS: Final = 200
_MOST_BYTES: Final = 100 * 1024 * 1024
_MOST_ELEMENTS: Final = 8_000_000
_MOST_CELLS_IN_A_ROW: Final = 1_000
_READ: Final = 256 * 1024


def read_workbook(content: bytes) -> Table:
    """Raises SheetUnreadable, also for a file that would unpack to something huge."""
    try:
        _measure(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which nobody needs here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its size need not be true
            lines = sheet.iter_rows(max_row=2 * MOST_ROWS, max_col=MOST_COLUMNS + 1, values_only=True)
            return table_of((number, [_cell(value) for value in row]) for number, row in enumerate(lines, start=1))
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, expat.ExpatError, KeyError, IndexError, ValueError, OSError):
        raise SheetUnreadable("is no Excel workbook (.xlsx) with a sheet; save it as .xlsx or CSV") from None


def _measure(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES:
            raise SheetUnreadable(f"unpacks to more than {_MOST_BYTES >> 20} MiB or {_MOST_PARTS} parts")
        measure = _Measure()
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as opened:
                    measure.read(opened)


class _Measure:
    """Counts the elements of XML without keeping any."""

    def __init__(self) -> None:
        self._elements = 0
        self._cells = 0

    def read(self, opened: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._started
        parser.EntityDeclHandler = _no_entity
        while chunk := opened.read(_READ):
            parser.Parse(chunk)
        parser.Parse(b"", True)

    def _started(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise SheetUnreadable("has too many cells; divide it into several files")
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._cells = 0
        elif tag == "c":
            self._cells += 1
            if self._cells > _MOST_CELLS_IN_A_ROW:
                raise SheetUnreadable(f"has a row with more than {_MOST_CELLS_IN_A_ROW} cells")


def _no_entity(*_declared: Any) -> None:
    raise SheetUnreadable("declares entities in its XML, which no workbook needs")


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float | bool | datetime | date):
        return value.strip() if isinstance(value, str) else value
    return str(value) if isinstance(value, time | timedelta) else None


def write_workbook(columns: Sequence[str], rows: Iterator[Sequence[Cell]]) -> bytes:
    """One sheet; text stays text, whatever it begins with."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("hosts")
    sheet.freeze_panes = "A2"
    for line in ([*columns], *rows):
        sheet.append([_written(sheet, cell) for cell in line])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _written(sheet: Any, cell: Cell) -> Any:
    if not isinstance(cell, str) or not cell.startswith("="):
        return cell
    text = WriteOnlyCell(sheet, value=cell)
    text.data_type = "s"
    return text
