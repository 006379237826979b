"""Where readers of logs are, and what follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.job.service.logs.places import LogPlace, rest_of
from adapters.job.service.workspace import MAX_LOG, Log

TEXTS = st.text(st.characters(exclude_characters="\ufffd", exclude_categories=["Cs"]))


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**15 - 1), st.booleans())
def test_a_place_is_read_as_it_was_written(attempt: int, offset: int, ended: bool) -> None:  # noqa: FBT001  drawn
    place = LogPlace(attempt, offset, ended)
    assert LogPlace.parse(str(place)) == place


@pytest.mark.parametrize("text", ["", "4", "a-b", "-1-4", "1-4-", "1-4-ende", "٣-1", "1-" + "9" * 16])
def test_anything_else_is_no_place(text: str) -> None:
    assert LogPlace.parse(text) is None


@given(TEXTS, TEXTS)
def test_what_was_read_and_the_rest_are_the_log(read: str, rest: str) -> None:
    offset = len(read.encode())
    assert rest_of(read + rest, offset) == Log(rest, offset, len((read + rest).encode()))


def test_of_a_long_log_the_beginning_is_gone_for_good() -> None:
    kept = "[100 bytes left out]\n" + "x" * (MAX_LOG - 4) + "end\n"
    assert rest_of(kept, 100 + MAX_LOG - 4) == Log("end\n", 100 + MAX_LOG - 4, 100 + MAX_LOG)
    assert rest_of(kept, 99).text == kept


@pytest.mark.parametrize(("kept", "offset"), [("caf\ufffd!", 4), ("short", 6)])
def test_the_whole_is_told_anew_where_bytes_say_nothing(kept: str, offset: int) -> None:
    rest = rest_of(kept, offset)
    assert (rest.text, rest.start) == (kept, 0)


def test_a_script_that_writes_our_notice_is_not_taken_at_its_word() -> None:
    assert rest_of("[9 bytes left out]\nhello", 19).text == "hello"
