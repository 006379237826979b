"""Windows, shares and the circuit breaker, by the clock a test gives them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.kinds.circuit_breaker import CircuitBreaker
from gateway.policies.states import windows
from gateway.policies.states.breaker import Breaker, BreakerState, CircuitOpen
from gateway.policies.states.shares import share_of
from gateway.policies.states.windows import WindowCounter, WindowOf, every, month_of, week_of


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("window_of", [every(1), every(60), every(86400), week_of, month_of])
@given(now=st.floats(0, 4e9))
def test_a_window_holds_its_moment_and_the_next_begins_where_it_ends(window_of: WindowOf, now: float) -> None:
    begin, end = window_of(now)
    assert begin <= now < end
    assert window_of(begin) == (begin, end)
    assert window_of(end)[0] == end


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    assert week_of(at("2026-11-25T12:00:00")) == (at("2026-11-23T00:00:00"), at("2026-11-30T00:00:00"))
    assert month_of(at("2026-12-31T23:59:59")) == (at("2026-12-01T00:00:00"), at("2027-01-01T00:00:00"))


def test_a_counter_counts_each_caller_until_the_window_ends() -> None:
    counter = WindowCounter(every(60))
    for _ in range(3):
        assert counter.used("b", 119.0) == 0
        counter.count("a")
    assert (counter.used("a", 119.9), counter.ends_at) == (3, 120)
    assert counter.used("a", 120.0) == 0
    counter.count("a")
    assert counter.used("a", 100.0) == 1, "a clock set back must not hand out the window anew"


def test_callers_beyond_the_bound_share_one_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "MOST_CALLERS", 2)
    counter = WindowCounter(every(60))
    for caller in ("a", "b", "c", "d"):
        counter.used(caller, 0.0)
        counter.count(caller)
    assert [counter.used(caller, 0.0) for caller in ("a", "b", "c", "e")] == [1, 1, 2, 2]


@given(st.integers(0, 10**6), st.integers(1, 64))
def test_the_shares_add_up_to_the_limit_and_differ_by_one_at_most(limit: int, processes: int) -> None:
    shares = [share_of(limit, rank, processes) for rank in range(processes)]
    assert sum(shares) == limit
    assert max(shares) - min(shares) <= 1


def fail(breaker: Breaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(breaker.admit(now), now)


def test_a_breaker_opens_after_failures_and_closes_after_a_trial_that_succeeds() -> None:
    breaker = Breaker(CircuitBreaker(failures=3, window=10.0, ratio=0.5, open_seconds=2.0))
    fail(breaker, 0.0, 2)
    breaker.admit(0.0)
    assert breaker.state is BreakerState.CLOSED
    fail(breaker, 1.0)
    with pytest.raises(CircuitOpen) as refused:
        breaker.admit(1.5)
    assert refused.value.retry_after == 1.5
    trial = breaker.admit(3.0)
    assert breaker.state is BreakerState.HALF_OPEN
    with pytest.raises(CircuitOpen):
        breaker.admit(3.0)
    breaker.succeeded(trial, 3.1)
    assert breaker.state is BreakerState.CLOSED


def test_each_failed_trial_doubles_the_pause_up_to_its_bound() -> None:
    breaker = Breaker(CircuitBreaker(failures=1, ratio=0.0, open_seconds=2.0, max_open_seconds=5.0))
    fail(breaker, 0.0)
    now = 0.0
    for pause in (2.0, 4.0, 5.0, 5.0):
        with pytest.raises(CircuitOpen):
            breaker.admit(now + pause - 0.1)
        now += pause
        fail(breaker, now)
    breaker.succeeded(breaker.admit(now + 5.0), now + 5.0)
    fail(breaker, now + 6.0)
    assert breaker.admit(now + 8.0) is not None, "after a success the first pause holds again"


def test_a_first_pause_is_no_longer_than_the_longest() -> None:
    breaker = Breaker(CircuitBreaker(failures=1, ratio=0.0, open_seconds=90.0, max_open_seconds=5.0))
    fail(breaker, 0.0)
    breaker.succeeded(breaker.admit(5.0), 5.0)
    fail(breaker, 6.0)
    assert breaker.admit(11.0) is not None


def test_failures_outside_the_window_and_too_small_a_share_do_not_open_it() -> None:
    breaker = Breaker(CircuitBreaker(failures=3, window=10.0, ratio=0.5))
    fail(breaker, 0.0, 2)
    fail(breaker, 20.0, 2)
    assert breaker.state is BreakerState.CLOSED
    for _ in range(10):
        breaker.succeeded(breaker.admit(21.0), 21.0)
    fail(breaker, 22.0, 4)
    assert breaker.state is BreakerState.CLOSED
    fail(breaker, 22.0, 4)
    assert breaker.state is BreakerState.OPEN


def test_a_call_from_before_the_change_tells_nothing_and_an_abandoned_trial_makes_room() -> None:
    breaker = Breaker(CircuitBreaker(failures=1, ratio=0.0, open_seconds=1.0))
    early, late = breaker.admit(0.0), breaker.admit(0.0)
    breaker.failed(early, 0.0)
    trial = breaker.admit(1.0)
    breaker.failed(late, 1.0)
    assert breaker.state is BreakerState.HALF_OPEN
    breaker.abandoned(trial)
    breaker.succeeded(breaker.admit(1.0), 1.0)
    assert breaker.state is BreakerState.CLOSED
