"""Whatever is sent as YAML is read or refused, and takes no more than its length suggests."""

from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kernel.yaml_text import Unreadable, read_yaml

MERGED = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 40))


@pytest.mark.parametrize("opening", ["[", '{"a":', "- ", "? ", "{a: [b, "])
def test_what_is_nested_without_end_is_refused_before_the_stack_ends(opening: str) -> None:
    with pytest.raises(Unreadable):
        read_yaml(opening * 500_000)


def test_a_depth_that_people_write_is_read() -> None:
    assert read_yaml("{a: " + "[" * 90 + "x" + "]" * 90 + "}")["a"] != []
    with pytest.raises(Unreadable, match="nested deeper than 100 levels at line 1"):
        read_yaml("{a: " + "[" * 110 + "x" + "]" * 110 + "}")


@pytest.mark.parametrize(
    "number", ["1" + ":1" * 1_000_000, "1" + ":1" * 300 + ".5", "0x" + "F" * 6_000, "1" * 5_000, "!!int 1" + ":1" * 99]
)
def test_a_number_nobody_could_write_down_is_refused(number: str) -> None:
    with pytest.raises(Unreadable):
        read_yaml(f"a: {number}")


def test_numbers_are_read() -> None:
    assert read_yaml("[12, -1.5, 0x1F, 1:30, 1e3, .5, 12345678901234567890123]") == [
        12, -1.5, 31, 90, "1e3", 0.5, 12345678901234567890123,
    ]  # fmt: skip


def test_merges_of_merges_do_not_multiply() -> None:
    with pytest.raises(Unreadable, match="merges more than"):
        read_yaml(MERGED)
    assert read_yaml("base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}")["more"] == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    "text",
    ['!!int ""', '!!float ""', "!!bool x", "!!timestamp x", "!!map [1]", "!!omap [1]", "!!set x", "&a {<<: *a}", "[1"],
)
def test_a_tag_its_text_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_yaml(f"a: {text}")


TAGS = [f"!!{tag}" for tag in ("int", "float", "bool", "null", "str", "seq", "map", "set", "omap", "pairs", "binary")]
WORDS = st.sampled_from(
    [*TAGS, "!!timestamp", "&a", "*a", "<<:", "a:", "-", "?", "[", "]", "{", "}", "1", '""', "\n", "|"]
)


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_anything_is_read_or_refused(text: str) -> None:
    with suppress(Unreadable):
        read_yaml(text)


def test_aliases_are_taken_where_they_may_be() -> None:
    assert read_yaml("a: &x [1]\nb: *x") == {"a": [1], "b": [1]}
    with pytest.raises(Unreadable, match=r"alias stands .* at line 2"):
        read_yaml("a: &x [1]\nb: *x", takes_aliases=False)


def test_the_library_is_the_fast_one() -> None:
    assert hasattr(yaml, "CSafeLoader")
