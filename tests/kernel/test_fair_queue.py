"""Turns at something scarce: projects take them, and whoever withdraws leaves none behind."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kernel.fair_queue import FairQueue


def test_projects_take_turns_when_places_are_few() -> None:
    started: list[str] = []
    queue: FairQueue[str] = FairQueue(1, started.append)
    for item in ("a1", "a2", "a3", "b1", "c1"):
        queue.put(item[0], item)
    for _ in range(5):
        queue.done(started[-1][0])
    assert started == ["a1", "a2", "b1", "c1", "a3"]
    assert queue.out == 0


def test_a_project_never_has_more_than_its_share_and_takes_its_turn_when_it_has_room_again() -> None:
    started: list[str] = []
    shares = {"a": 2, "b": 3}
    queue: FairQueue[str] = FairQueue(4, started.append, shares.__getitem__)
    for item in ("a1", "a2", "a3", "b1", "b2", "b3", "a4"):
        queue.put(item[0], item)
    assert started == ["a1", "a2", "b1", "b2"]
    queue.done("b")
    queue.done("a")
    assert started == ["a1", "a2", "b1", "b2", "b3", "a3"]
    shares["a"] = 3
    queue.done("b")
    assert started[-1] == "a4"


def test_a_new_limit_holds_at_once_and_calls_nobody_back() -> None:
    started: list[str] = []
    queue: FairQueue[str] = FairQueue(2, started.append)
    for item in ("a1", "a2", "a3", "a4", "a5", "a6"):
        queue.put("a", item)
    queue.resize(1)
    queue.done("a")
    assert started == ["a1", "a2"]
    queue.resize(3)
    assert started == ["a1", "a2", "a3", "a4"]
    queue.put("b", "b1")
    queue.resize(4)
    assert started[4:] == ["a5"]
    queue.done("a")
    assert started[5:] == ["b1"]


def test_who_withdraws_waits_no_more_and_the_others_keep_their_turns() -> None:
    started: list[str] = []
    queue: FairQueue[str] = FairQueue(1, started.append)
    for item in ("a1", "b1", "c1", "c2"):
        queue.put(item[0], item)
    queue.withdraw("b", "b1")
    queue.withdraw("c", "c1")
    queue.done("a")
    queue.done("c")
    assert started == ["a1", "c2"]
    assert not queue.is_crowded
    queue.put("b", "b2")
    assert started[-1] == "b2"


@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_whatever_happens_all_is_started_once_and_no_place_is_lost(chance: random.Random, limit: int) -> None:
    started: list[tuple[str, int]] = []
    queue: FairQueue[tuple[str, int]] = FairQueue(limit, started.append, lambda _: max(1, queue.limit * 3 // 4))
    put, withdrawn, over = set[tuple[str, int]](), set[tuple[str, int]](), 0
    for number in range(60):
        match chance.choice(("put", "put", "done", "withdraw", "limit")):
            case "put":
                item = (chance.choice("abc"), number)
                put.add(item)
                queue.put(item[0], item)
            case "done" if over < len(started):
                queue.done(started[over][0])
                over += 1
            case "withdraw" if waiting := sorted(put - withdrawn - set(started)):
                item = chance.choice(waiting)
                withdrawn.add(item)
                queue.withdraw(item[0], item)
            case "limit":
                queue.resize(chance.randint(1, 5))
        under_way = Counter(project for project, _ in started[over:])
        assert queue.out == under_way.total()
        assert queue.is_crowded == bool(put - withdrawn - set(started))
    while over < len(started):
        queue.done(started[over][0])
        over += 1
    assert sorted(started) == sorted(put - withdrawn)
    assert queue.out == 0
