"""The life of a grant, held against the plainest possible model."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.grants.states import OPEN, GrantState, GrantStep, after, state_at
from kernel.errors import Conflict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWED = {
    ("applied", "approve", "approved"),
    ("applied", "refuse", "refused"),
    ("approved", "revoke", "revoked"),
    ("approved", "expire", "expired"),
}


@pytest.mark.parametrize("state", GrantState)
@pytest.mark.parametrize("step", GrantStep)
def test_a_step_leads_where_the_picture_says_or_is_refused(state: GrantState, step: GrantStep) -> None:
    leads_to = {end for start, by, end in ALLOWED if (start, by) == (state.value, step.value)}
    if leads_to:
        assert {after(state, step).value} == leads_to
    else:
        with pytest.raises(Conflict, match=state.value):
            after(state, step)


@given(st.lists(st.sampled_from(GrantStep), max_size=12))
def test_what_is_over_stays_over_and_only_an_approval_ever_permits(steps: list[GrantStep]) -> None:
    state, was_over, approvals = GrantState.APPLIED, False, 0
    for step in steps:
        try:
            state = after(state, step)
        except Conflict:
            continue
        assert not was_over
        approvals += step is GrantStep.APPROVE
        was_over = state not in OPEN
        assert (state is not GrantState.APPROVED) or approvals == 1


@given(st.sampled_from(GrantState), st.none() | st.integers(-5, 5))
def test_time_ends_approved_grants_and_nothing_else(state: GrantState, seconds: int | None) -> None:
    expires_at = NOW + timedelta(seconds=seconds) if seconds is not None else None
    ended = state is GrantState.APPROVED and seconds is not None and seconds <= 0
    assert state_at(state, expires_at, NOW) is (GrantState.EXPIRED if ended else state)
