"""How many at once are worth while, as somebody's hands fill and empty."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.crowding import (
    EASY,
    FULL,
    LOOK_SECONDS,
    Crowding,
    busy_seconds_of,
    busy_seconds_of_this_thread,
    next_limit,
)
from tests.support.patience import eventually

SPIN = """
import subprocess, sys, threading, time
if sys.argv[1] == "child":
    subprocess.run([sys.executable, "-c", "while True: pass"])
elif sys.argv[1] == "thread":
    def spin():
        while True: pass
    threading.Thread(target=spin).start()
time.sleep(600)
"""


@given(st.integers(4, 50), st.floats(0, 4), st.booleans())
def test_it_stays_between_few_and_most(limit: int, busy: float, is_crowded) -> None:
    following = next_limit(limit, busy, few=4, most=50, is_crowded=is_crowded)
    assert 4 <= following <= 50
    if busy >= FULL:
        assert following < limit or limit == 4
    elif busy < EASY and is_crowded:
        assert following > limit or limit == 50
    else:
        assert following == limit


class Worked:
    """Somebody whose time goes by as a test says."""

    def __init__(self, first: int) -> None:
        self.now = self.busy = 0.0
        self.crowding = Crowding(lambda: self.busy, first=first, few=8, most=100, clock=lambda: self.now)
        self.crowding.look(is_crowded=False)

    def limit_after(self, seconds: float, part: float, *, is_crowded: bool) -> int:
        for _ in range(round(seconds / LOOK_SECONDS)):
            self.now += LOOK_SECONDS
            self.busy += LOOK_SECONDS * part
            self.crowding.look(is_crowded=is_crowded)
        return self.crowding.limit


def test_full_hands_bring_it_down_and_empty_ones_up_while_somebody_waits() -> None:
    worked = Worked(first=100)
    assert worked.limit_after(5, 1.0, is_crowded=True) == 8
    assert worked.limit_after(5, 0.1, is_crowded=False) == 8
    assert worked.limit_after(5, 0.8, is_crowded=True) == 8
    assert worked.limit_after(5, 0.1, is_crowded=True) == 100


def test_it_is_looked_at_a_few_times_a_second_and_one_who_began_anew_is_not_busy() -> None:
    worked = Worked(first=20)
    worked.now, worked.busy = LOOK_SECONDS / 2, LOOK_SECONDS / 2
    assert worked.crowding.look(is_crowded=True) == 20
    worked.now, worked.busy = LOOK_SECONDS, 0.0
    assert worked.crowding.look(is_crowded=False) == 20


def test_a_thread_that_works_is_busy_and_one_that_waits_is_not() -> None:
    before = busy_seconds_of_this_thread()
    end = time.thread_time() + 0.2
    while time.thread_time() < end:
        pass
    assert busy_seconds_of_this_thread() - before > 0.15
    eventually(lambda: seconds_in_a_rest() < 0.1)


def seconds_in_a_rest() -> float:
    before = busy_seconds_of_this_thread()
    time.sleep(0.3)
    return busy_seconds_of_this_thread() - before


@pytest.fixture
def spinning(request: pytest.FixtureRequest) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", SPIN, request.param], start_new_session=True)
    yield process.pid
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("spinning", ["thread", "child"], indirect=True)
def test_a_process_is_busy_with_all_its_threads_and_children(spinning: int) -> None:
    eventually(lambda: busy_seconds_of(spinning) > 1)


@pytest.mark.parametrize("spinning", ["sleeps"], indirect=True)
def test_a_process_that_waits_is_not(spinning: int) -> None:
    eventually(lambda: busy_seconds_of(spinning) > 0)
    eventually(lambda: rests(spinning))
    assert busy_seconds_of(2**22 + 1) == 0


def rests(pid: int) -> bool:
    before = busy_seconds_of(pid)
    time.sleep(0.3)
    return busy_seconds_of(pid) == before
