import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.package.confusable import are_confusable, confusable_with

CODES = st.from_regex(r"[a-z][a-z0-9_]{1,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bk_notify", "bk_n0tify"),
        ("bk_notify", "bknotify"),
        ("bk_notify", "bk_notlfy"),
        ("cmdb_find", "crndb_find"),
        ("job_execute", "job_excute"),
        ("job_execute", "job_exectue"),
        ("find_host", "find_hosts"),
        ("find_host", "fund_host"),
    ],
)
def test_names_that_look_alike_or_are_one_slip_apart_are_confusable(one: str, other: str) -> None:
    assert are_confusable(one, other)
    assert are_confusable(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("disk_1", "disk_2"),
        ("backup_disk_2", "backup_disk_21"),
        ("find_host", "find_set"),
        ("acme", "acne"),
        ("move_up", "move_down"),
        ("find_host", "list_host"),
    ],
)
def test_names_that_numbers_or_words_tell_apart_are_not(one: str, other: str) -> None:
    assert not are_confusable(one, other)


@given(CODES, CODES)
@settings(max_examples=50)
def test_it_matters_not_which_of_two_names_comes_first(one: str, other: str) -> None:
    assert are_confusable(one, other) == are_confusable(other, one)
    assert confusable_with(one, [one]) is None
