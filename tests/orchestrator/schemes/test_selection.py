from hypothesis import given
from hypothesis import strategies as st

from orchestrator.schemes.selection import Selection, Standing, left_out, selection_of, standing

_NODES = st.lists(st.sampled_from("abcdef"), unique=True)


@given(_NODES, st.lists(_NODES, min_size=1, max_size=4))
def test_a_node_runs_that_any_scheme_keeps_and_no_other_known_one(optional: list[str], kept: list[list[str]]) -> None:
    without = left_out([selection_of(each, optional) for each in kept], optional)
    wanted = {name for each in kept for name in each}
    assert set(without) == set(optional) - wanted


@given(_NODES, _NODES, _NODES)
def test_what_a_scheme_has_not_seen_runs_and_is_told(before: list[str], after: list[str], kept: list[str]) -> None:
    selection = selection_of(kept, before)
    told = standing(selection, after)
    assert set(told.gone) == set(before) - set(after)
    assert set(told.unseen) == set(after) - set(before)
    assert not set(left_out([selection], after)) & set(told.unseen)


def test_without_a_scheme_nothing_is_left_out() -> None:
    assert left_out([], ["a"]) == []
    assert standing(Selection(frozenset(), frozenset()), []) == Standing((), ())
