"""What is known of an upstream's patience with unused connections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.transport.patience import Patience

_SECONDS = st.floats(0, 60)


def test_it_is_sure_for_a_moment_before_anything_was_seen() -> None:
    assert Patience(4.0).is_sure_for == 0.5


@pytest.mark.parametrize(("kept", "sure"), [(1.0, 0.5), (1.4, 0.5), (2.0, 1.0), (3.9, 2.9), (60.0, 3.0)])
def test_what_was_kept_is_kept_again_with_a_second_to_spare(kept: float, sure: float) -> None:
    patience = Patience(4.0)
    patience.saw_kept(kept, now=0.0)
    assert patience.is_sure_for == pytest.approx(sure)


def test_one_that_was_ended_early_counts_more_than_others_that_were_kept() -> None:
    patience = Patience(4.0)
    patience.saw_kept(3.9, now=0.0)
    patience.saw_ended(2.0, now=1.0)
    patience.saw_kept(3.9, now=2.0)
    assert patience.is_sure_for == pytest.approx(1.0)
    patience.saw_kept(3.9, now=302.0)
    assert patience.is_sure_for == pytest.approx(2.9), "after some minutes it was an accident"


@given(kept=st.lists(_SECONDS), ended=_SECONDS, more=st.lists(_SECONDS))
def test_it_is_never_sure_for_longer_than_the_upstream_was_seen_to_have(
    kept: list[float], ended: float, more: list[float]
) -> None:
    patience = Patience(30.0)
    for seconds in kept:
        patience.saw_kept(seconds, now=0.0)
    patience.saw_ended(ended, now=0.0)
    for seconds in more:
        patience.saw_kept(seconds, now=1.0)
    assert patience.is_sure_for <= max(0.5, ended - 1.0)
