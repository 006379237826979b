import math

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.insight.durations import added, gathered, percentile

_SECONDS = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40)
_WITHIN = 1.05


@given(_SECONDS, st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_a_percentile_is_right_to_within_five_in_a_hundred(seconds: list[float], share: float) -> None:
    true = sorted(seconds)[max(1, math.ceil(share * len(seconds))) - 1]
    told = percentile(gathered(seconds), share)
    assert told is not None
    assert true / _WITHIN <= told <= true * _WITHIN


@given(_SECONDS, _SECONDS)
def test_days_added_up_are_as_if_they_had_been_one(one: list[float], other: list[float]) -> None:
    assert added([gathered(one), gathered(other)]) == gathered(one + other)


def test_without_durations_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert percentile(gathered([0.0]), 0.95) == 0.001
