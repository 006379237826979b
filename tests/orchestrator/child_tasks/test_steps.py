from hypothesis import given
from hypothesis import strategies as st

from orchestrator.child_tasks.steps import REPAIRED, Standing, Step, step_of
from orchestrator.engine.states import ENDED, LIVE, NodeState, TaskState

_TASKS = st.sampled_from(TaskState)
_STANDINGS = st.builds(
    Standing,
    child=_TASKS,
    parent=_TASKS,
    run=st.sampled_from(NodeState),
    told=st.sampled_from(["", REPAIRED, *(state.value for state in (TaskState.FAILED, *ENDED))]),
    passed=st.sampled_from(["", TaskState.SUSPENDED.value, TaskState.REVOKED.value]),
)
_WAITS = NodeState.WAITING_CALLBACK


def _standing(
    child: TaskState, parent: TaskState = TaskState.RUNNING, run: NodeState = _WAITS, told: str = "", passed: str = ""
) -> Standing:
    return Standing(child, parent, run, told, passed)


@given(_STANDINGS)
def test_what_is_over_is_told_once_and_then_settled(standing: Standing) -> None:
    step = step_of(standing)
    if step is Step.SETTLE:
        assert standing.told == standing.child
    if step is Step.TELL:
        assert standing.told != standing.child
    if step in {Step.REVOKE, Step.PAUSE, Step.RESUME}:
        assert standing.child not in ENDED


@given(_STANDINGS)
def test_a_child_is_revoked_only_when_nobody_waits_for_it(standing: Standing) -> None:
    if step_of(standing) is Step.REVOKE:
        assert standing.parent is TaskState.REVOKED or standing.run not in LIVE


def test_both_go_on_without_a_word() -> None:
    assert step_of(_standing(TaskState.RUNNING)) is None
    assert step_of(_standing(TaskState.CREATED, TaskState.SUSPENDED)) is None


def test_the_child_is_held_and_let_go_as_its_parent_is() -> None:
    assert step_of(_standing(TaskState.RUNNING, TaskState.SUSPENDED)) is Step.PAUSE
    assert step_of(_standing(TaskState.SUSPENDED, TaskState.SUSPENDED, passed="SUSPENDED")) is None
    assert step_of(_standing(TaskState.SUSPENDED, passed="SUSPENDED")) is Step.RESUME
    # Whoever held it by hand lets it go by hand.
    assert step_of(_standing(TaskState.SUSPENDED)) is None


def test_a_child_that_failed_and_goes_on_is_waited_for_again() -> None:
    assert step_of(_standing(TaskState.FAILED)) is Step.TELL
    failed = _standing(TaskState.FAILED, run=NodeState.FAILED, told="FAILED")
    assert step_of(failed) is None
    for state in (TaskState.RUNNING, TaskState.FINISHED):
        assert step_of(_standing(state, run=NodeState.FAILED, told="FAILED")) is Step.REPAIR
        assert step_of(_standing(state, run=NodeState.FAILED, told=REPAIRED)) is None
    assert step_of(_standing(TaskState.FINISHED, run=NodeState.SKIPPED, told="FAILED")) is Step.TELL
    assert step_of(_standing(TaskState.FAILED, TaskState.REVOKED, NodeState.FAILED, "FAILED")) is Step.SETTLE


def test_a_child_nobody_waits_for_any_more_is_revoked_once() -> None:
    assert step_of(_standing(TaskState.RUNNING, TaskState.REVOKED)) is Step.REVOKE
    assert step_of(_standing(TaskState.RUNNING, run=NodeState.FAILED)) is Step.REVOKE
    assert step_of(_standing(TaskState.RUNNING, run=NodeState.FAILED, passed="REVOKED")) is None
