from orchestrator.engine.model import Run, State
from orchestrator.engine.states import NodeState
from orchestrator.runtime.kept_states import KeptStates


def state(task: str, runs: int = 1) -> State:
    return State(
        task, runs={f"n{n}": Run(f"{task}.{n}", f"n{n}", 1, NodeState.WAITING_EVENT, None, 1.0) for n in range(runs)}
    )


def test_what_was_kept_is_taken_once() -> None:
    kept = KeptStates()
    kept.put(3, state("a"))
    assert kept.take("a") == (3, state("a"))
    assert kept.take("a") is None


def test_the_oldest_go_when_there_are_too_many_tasks_or_runs_in_them() -> None:
    kept = KeptStates(tasks=2, runs=10)
    for name in ("a", "b", "c"):
        kept.put(1, state(name, 3))
    assert kept.take("a") is None
    kept.put(1, state("d", 8))
    assert [kept.take(name) is not None for name in ("b", "c", "d")] == [False, False, True]
    kept.put(1, state("large", 11))
    assert kept.take("large") is None
    kept.put(1, state("e", 10))
    assert kept.take("e") is not None
