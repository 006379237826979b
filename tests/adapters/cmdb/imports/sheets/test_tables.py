"""Tables of CSV files and workbooks, and what is refused before it can do harm."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cmdb.service.imports.sheets.comma_separated import read_csv, write_csv
from adapters.cmdb.service.imports.sheets.table import MOST_ROWS, SheetUnreadable
from adapters.cmdb.service.imports.sheets.workbook import read_workbook, write_workbook

_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def _stripped(text: str) -> bool:
    return bool(text.strip()) and text == text.strip()


@given(st.lists(st.tuples(_TEXTS.filter(_stripped), _TEXTS.filter(_stripped)), max_size=8))
def test_what_is_written_as_csv_is_read_again(rows: list[tuple[str, str]]) -> None:
    read = read_csv(write_csv(["one", "two"], iter(rows)))
    assert read.columns == ("one", "two")
    assert [cells for _, cells in read.rows] == rows


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=1"])
def test_no_cell_of_a_csv_file_begins_a_formula(sign: str) -> None:
    line = write_csv(["name"], iter([[sign]])).decode("utf-8-sig").splitlines()[1]
    assert line.strip('"').startswith("'")


def test_a_workbook_keeps_texts_that_look_like_formulas_as_texts() -> None:
    written = write_workbook(["name", "cpu"], iter([["=1+1", 4], ["plain", None]]))
    cell = openpyxl.load_workbook(io.BytesIO(written))["hosts"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert [cells for _, cells in read_workbook(written).rows] == [("=1+1", 4), ("plain", None)]


@pytest.mark.parametrize(
    "text", ["ip,name\n10.0.0.1,中文\n", "ip;name\r\n10.0.0.1;中文", "\nip\tname\n\n10.0.0.1\t中文\n"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_whatever_separates_it_and_in_chinese(text: str, encoding: str) -> None:
    read = read_csv(text.encode(encoding))
    assert (read.columns, [cells for _, cells in read.rows]) == (("ip", "name"), [("10.0.0.1", "中文")])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"ip\n" + b"10.0.0.1\n" * (MOST_ROWS + 1), "more than 5000 rows"),
        (b"ip,ip\n1,2\n", "two columns ip"),
        (b"ip\x00\n", "NUL"),
        (b'ip,name\n"10.0.0.1,x\n', "line"),
        (b"ip\n" + b"x" * 5000, "4000 characters in row 2"),
        ("ip".encode("utf-16"), "is no text"),
        (",".join(f"c{number}" for number in range(201)).encode(), "201 columns"),
    ],
)
def test_a_csv_file_that_is_no_table_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(SheetUnreadable, match=reason):
        read_csv(content)


def _altered(name: str, content: bytes) -> bytes:
    """A small workbook with one of its parts replaced."""
    altered = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_workbook(["ip"], iter([["10.0.0.1"]])))) as original,
        zipfile.ZipFile(altered, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for part in original.namelist():
            written.writestr(part, content if part == name else original.read(part))
    return altered.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"
_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_TAIL = b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK not a zip", "no Excel workbook"),
        (_altered(_SHEET, b"<nonsense"), "no Excel workbook"),
        (_altered("xl/workbook.xml", b"<workbook/>"), "no Excel workbook"),
        (_altered(_SHEET, b'<!DOCTYPE x [<!ENTITY a "b">]>' + _HEAD + _TAIL), "entities"),
        (_altered(_SHEET, _HEAD + b"<row>" + b"<c/>" * 1_001 + b"</row>" + _TAIL), "more than 1000 cells"),
        (_altered(_SHEET, _HEAD + b" " * (101 << 20) + _TAIL), "unpacks to more than"),
        (_altered(_SHEET, _HEAD + b'<row r="1"><c r="A1" t="str"><v>ip</v></c></row>' + _TAIL), ""),
    ],
    ids=["no zip", "no xml", "no sheet", "entities", "long row", "bomb", "header only"],
)
def test_a_workbook_is_measured_before_it_is_opened(content: bytes, reason: str) -> None:
    if not reason:
        assert read_workbook(content).rows == ()
        return
    with pytest.raises(SheetUnreadable, match=reason):
        read_workbook(content)


def test_the_sheets_own_word_about_its_size_is_not_believed() -> None:
    lying = _altered(
        _SHEET,
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        b'<sheetData><row r="1"><c r="A1" t="str"><v>ip</v></c></row>'
        b'<row r="999999999"><c r="A999999999" t="str"><v>10.0.0.1</v></c></row></sheetData></worksheet>',
    )
    found: Any = read_workbook(lying)
    assert found.columns == ("ip",)
