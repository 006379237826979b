import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import BadRequest, Invalid
from kernel.json_input import MAX_DEPTH, read_json


@pytest.mark.parametrize(
    ("raw", "field", "problem"),
    [
        (b'{"a": {"b": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}", "a", "nested deeper than 64"),
        (b"[" * 10_000 + b"]" * 10_000, "body", "nested deeper than 64"),
        (b'{"x": 1, "a": [' + b"[" * 100 + b"]" * 100 + b"]}", "a[0][0]", "nested deeper than 64"),
        (b'{"a": ["x", 1e999]}', "a[1]", "no finite number"),
        (b'{"a": {"b": "x\\u0000"}}', "a.b", "holds a NUL"),
        (b'{"a": ["\\ud800"]}', "a[0]", "half of a surrogate pair"),
        (b'[{"a\\u0000": 1}]', "[0]", "has a name with a NUL"),
    ],
)
def test_json_that_nothing_can_keep_is_refused_with_its_place(raw: bytes, field: str, problem: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_json(raw)
    (found,) = caught.value.fields
    assert found.field.startswith(field)
    assert problem in found.problem


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": ' + b"1" * 5_000 + b"}"]
)
def test_what_is_no_json_is_a_bad_request_that_says_where(raw: bytes) -> None:
    with pytest.raises(BadRequest) as caught:
        read_json(raw)
    assert caught.value.fields[0].field == "body"


def test_as_deep_as_allowed_passes() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(Invalid):
        read_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


def test_whole_surrogate_pairs_pass() -> None:
    assert read_json(b'"\\ud83d\\ude00"') == "\U0001f600"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner, max_size=4
        )
    ),
)


@given(json_values)
def test_every_ordinary_value_is_read_as_it_was_written(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value
