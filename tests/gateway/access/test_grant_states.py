"""The life of a grant, held against the plainest possible model."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.grants.states import (
    OPEN,
    WAITING,
    ApplicationState,
    GrantState,
    GrantStep,
    after,
    application_state,
    state_at,
)
from kernel.errors import Conflict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWED = {
    ("applied", "approve", "approved"),
    ("applied", "refuse", "refused"),
    ("applied", "ask", "asked"),
    ("applied", "withdraw", "withdrawn"),
    ("asked", "approve", "approved"),
    ("asked", "refuse", "refused"),
    ("asked", "answer", "applied"),
    ("asked", "withdraw", "withdrawn"),
    ("approved", "revoke", "revoked"),
    ("approved", "expire", "expired"),
    ("approved", "supersede", "renewed"),
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


@given(st.lists(st.sampled_from(GrantState), min_size=1))
def test_an_application_waits_while_any_of_its_grants_does(states: list[GrantState]) -> None:
    found = application_state(states)
    assert (found.value in {state.value for state in WAITING}) == any(state in WAITING for state in states)
    if GrantState.ASKED in states:
        assert found is ApplicationState.ASKED


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("approved approved", "approved"),
        ("approved refused", "partly_approved"),
        ("revoked expired renewed", "approved"),
        ("expired withdrawn", "partly_approved"),
        ("refused withdrawn", "refused"),
        ("withdrawn withdrawn", "withdrawn"),
        ("approved applied", "applied"),
    ],
)
def test_what_became_of_an_application(states: str, expected: str) -> None:
    assert application_state(map(GrantState, states.split())).value == expected
