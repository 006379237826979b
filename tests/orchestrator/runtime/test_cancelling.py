"""What an invocation's answer, or that it was not made, tells of what its plugin is doing."""

from dataclasses import replace

import pytest

from kernel.contracts.plugin_invoker import PluginResult, PluginState
from orchestrator.engine.effects import CancelNode, ExecuteNode, Invocation, PollNode
from orchestrator.engine.model import State
from orchestrator.engine.states import TaskState
from orchestrator.runtime.cancelling import Cancelling
from orchestrator.runtime.store import Cancellation

STATE = State("t", TaskState.FAILED)
FIRST = ExecuteNode("a", "t.1", 1, {})
POLL = PollNode("a", "t.1", 2, {}, {"job": 7})
FAILED = PluginResult(PluginState.FAIL, error="it failed", storage={"changing_calls": 1})


def wanted_no_more(invocation: Invocation, *, after_crash: bool = False) -> Cancelling:
    """Its run is ended while the invocation is under way."""
    cancelling = Cancelling()
    if after_crash:
        cancelling.resumed(STATE, [invocation])
    cancelling.sent(invocation)
    storage = POLL.storage if invocation is POLL else None
    (asked,) = cancelling.take(STATE, [CancelNode("a", "t.1", storage, busy=True)], 1.0)
    assert asked.due is not None
    return cancelling


@pytest.mark.parametrize("invocation", [FIRST, POLL])
def test_a_failure_that_the_plugin_told_ends_it(invocation: Invocation) -> None:
    cancelling = wanted_no_more(invocation)
    cancelling.answered(invocation, FAILED, 2.0)
    (found,) = cancelling.take(STATE, [], 2.0)
    assert found.due is None


@pytest.mark.parametrize(("invocation", "storage"), [(FIRST, None), (POLL, {"job": 7})])
def test_after_a_failure_the_plugin_did_not_tell_it_is_told_by_what_was_known_before(
    invocation: Invocation, storage: dict[str, int] | None
) -> None:
    cancelling = wanted_no_more(invocation)
    cancelling.answered(invocation, replace(FAILED, answered=False), 2.0)
    assert cancelling.take(STATE, [], 2.0) == [Cancellation("t.1", "a", 2.0, 2.0, storage)]


@pytest.mark.parametrize("after_crash", [False, True])
def test_a_first_call_that_was_not_made_again_after_a_crash_may_have_begun_something(*, after_crash: bool) -> None:
    cancelling = wanted_no_more(FIRST, after_crash=after_crash)
    cancelling.withdrawn(FIRST, 2.0)
    assert cancelling.take(STATE, [], 2.0) == [Cancellation("t.1", "a", 2.0, 2.0 if after_crash else None, None)]


def test_what_was_begun_again_after_a_crash_and_failed_is_over() -> None:
    cancelling = wanted_no_more(FIRST, after_crash=True)
    cancelling.answered(FIRST, FAILED, 2.0)
    assert cancelling.take(STATE, [], 2.0) == [Cancellation("t.1", "a", 2.0, None, None)]
