import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.json_members import members_of, object_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values, max_size=5), st.sampled_from([None, 1]), st.booleans())
def test_an_object_taken_apart_and_put_together_is_the_same(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    members = members_of(text)
    assert {name: json.loads(source) for name, source in members} == value
    assert json.loads(object_of(members)) == value


def test_values_keep_their_source_text():
    text = '{"n": 12345678901234567890123, "f": 1.10, "e": 1E400, "s": "\\u00e9"}'
    assert object_of(members_of(text)) == text


@given(st.text('{}[]":,\\ eE+-.019truefalsn\n', max_size=30))
def test_what_python_does_not_read_as_one_object_is_refused(text):
    try:
        expected = isinstance(json.loads(text), dict)
    except ValueError:
        expected = False
    if expected:
        members_of(text)
    else:
        with pytest.raises(ValueError, match=r".*"):
            members_of(text)


def test_deep_nesting_is_refused():
    with pytest.raises(ValueError, match="deeply"):
        members_of('{"a": ' + "[" * 100_000)
