"""A manifest with anything anywhere is read or refused by field, and never crashes the reader."""

import copy
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import TrunklineError
from marketplace.package.manifest import Manifest
from marketplace.package.manifest_check import check_manifest, read_manifest
from tests.support.packages import FIND_HOST, RUN_SCRIPT

ODD_TEXTS = st.sampled_from(
    ["", "${", "${inputs.ip}", "${inputs.ip} ${", "$${x}", "${a[0]}", "response.data", "x.map(y, y)", "1 +", "'", "\0",
     "1.0.0", "a.b", "#/properties/ip", "object"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_TEXTS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | ODD_TEXTS, inner, max_size=3),
    max_leaves=8,
)


def _places(document: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = document.items() if isinstance(document, dict) else enumerate(document)
    for step, inner in steps:
        yield (*way, step)
        if isinstance(inner, (dict, list)):
            yield from _places(inner, (*way, step))


BASES = [(base, way) for base in (FIND_HOST, RUN_SCRIPT) for way in _places(base)]


def _outcome(read: Any, given: Any) -> Any:
    try:
        return read(given)
    except TrunklineError as error:
        return tuple(error.fields)


@given(st.sampled_from(BASES), VALUES)
@settings(max_examples=800, deadline=None)
def test_anything_in_any_place(base: tuple[dict[str, Any], tuple[Any, ...]], value: Any) -> None:
    document, (*way, last) = copy.deepcopy(base[0]), base[1]
    target = document
    for step in way:
        target = target[step]
    target[last] = value
    outcome = _outcome(check_manifest, document)
    assert isinstance(outcome, Manifest) or outcome != ()


TEXT = yaml.safe_dump(FIND_HOST, allow_unicode=True).encode()


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_mutated_yaml_text(changes: list[tuple[int, int]]) -> None:
    mutated = bytearray(TEXT)
    for position, value in changes:
        mutated[position] = value
    outcome = _outcome(read_manifest, bytes(mutated))
    assert isinstance(outcome, Manifest) or outcome != ()
