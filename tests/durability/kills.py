"""Many tasks under way, something killed at a random moment, again and again; then every task is held to account."""

import itertools
import json
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest

from tests.durability.many_effects import CHANGING, OUTPUTS, SCRIPTS
from tests.durability.stands import Stand

PATIENCE_SECONDS = 240
_OVER = {"FINISHED", "FAILED", "REVOKED"}
_KILLS_BETWEEN_ACCOUNTS = 5
_LONGEST_SECONDS = 1.5


def kill_many(stand: Stand, kills: int) -> None:
    seed = int(os.environ.get("TRUNKLINE_TEST_SEED", time.time_ns() % 2**32))
    _tell(f"seed {seed}: TRUNKLINE_TEST_SEED={seed} repeats it")
    moments = random.Random(seed)  # noqa: S311  moments, not secrets
    began = time.monotonic()
    account(stand, [stand.launch("undisturbed")])
    whole = time.monotonic() - began
    for first in range(0, kills, _KILLS_BETWEEN_ACCOUNTS):
        tasks: list[str] = []
        results: dict[str, str] = {}
        for kill in range(first, min(first + _KILLS_BETWEEN_ACCOUNTS, kills)):
            tasks += [stand.launch(f"kill {kill}") for _ in range(moments.randint(1, 3))]
            time.sleep(moments.uniform(0, min(whole, _LONGEST_SECONDS)))
            _note_results(stand, tasks, results)
            strike = moments.choice(stand.strikes)
            _tell(f"kill {kill}: {strike.name}, {_under_way(stand, tasks)}")
            strike.act()
        began = time.monotonic()
        account(stand, tasks)
        _note_results(stand, tasks, results)
        _tell(f"{len(tasks)} tasks over {time.monotonic() - began:.2f} s later")


def account(stand: Stand, tasks: Sequence[str]) -> None:
    """Waits until the tasks are over. Each must have finished, with every effect once and under one key."""
    _wait(stand, tasks)
    for task in tasks:
        assert stand.task(task)["outputs"] == OUTPUTS
        assert stand.effects_of(task) == dict.fromkeys(SCRIPTS, 1)
    keys = _keys_of_calls(stand, tasks)
    jobs = stand.rows(f"SELECT key FROM adapter_job_idempotency WHERE key >= '{min(tasks)}'")  # noqa: S608  ids
    mails = stand.rows(f"SELECT idempotency_key FROM adapter_notify_message WHERE idempotency_key >= '{min(tasks)}'")  # noqa: S608  ids
    assert sorted(key for (key,) in jobs) == sorted(keys[task, name] for task in tasks for name in SCRIPTS)
    assert sorted(key for (key,) in mails) == sorted(keys[task, "tell"] for task in tasks)
    _check_mails(stand, tasks)


def _wait(stand: Stand, tasks: Sequence[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    query = f"SELECT id, state FROM orchestrator_task WHERE id >= '{min(tasks)}'"  # noqa: S608  ids
    while left := {task: state for task, state in stand.rows(query) if state not in _OVER}:
        if time.monotonic() > deadline:
            pytest.fail(f"not over: {left}, {_under_way(stand, tasks)}\n{stand.log()}")
        time.sleep(0.1)
    assert dict(stand.rows(query)) == dict.fromkeys(tasks, "FINISHED"), _under_way(stand, tasks)


def _under_way(stand: Stand, tasks: Sequence[str]) -> str:
    query = f"""SELECT task_id, node_id, state, error FROM orchestrator_node_run
        WHERE task_id >= '{min(tasks)}' AND state <> 'FINISHED' ORDER BY id"""  # noqa: S608  ids
    told = [f"{task[-4:]} {node} {error or state}" for task, node, state, error in stand.rows(query)]
    return ", ".join(told) or "nothing under way"


def _note_results(stand: Stand, tasks: Sequence[str], results: dict[str, str]) -> None:
    """What a finished node answered never changes, whoever dies."""
    query = f"""SELECT id, CAST(outputs AS TEXT) FROM orchestrator_node_run
        WHERE task_id >= '{min(tasks)}' AND state = 'FINISHED'"""  # noqa: S608  ids
    now = dict(stand.rows(query))
    assert {run: now.get(run) for run in results} == results
    results |= now


def _keys_of_calls(stand: Stand, tasks: Sequence[str]) -> dict[tuple[str, str], str]:
    """Task and node → the key of its changing calls: each node had one run, each run one key however often it asked."""
    query = f"""SELECT r.task_id, r.node_id, r.id, r.attempt, c.idempotency_key
        FROM orchestrator_node_run r LEFT JOIN orchestrator_node_call c ON c.run_id = r.id
        WHERE r.task_id >= '{min(tasks)}'"""  # noqa: S608  ids
    asked: dict[tuple[str, str], set[tuple[str, int, str | None]]] = defaultdict(set)
    for task, node, run, attempt, key in stand.rows(query):
        asked[task, node].add((run, attempt, key))
    keys = {}
    for task, name in itertools.product(tasks, CHANGING):
        ((run, attempt),) = {(run, attempt) for run, attempt, _ in asked[task, name]}
        assert attempt == 1
        assert {key for *_, key in asked[task, name] if key} == {f"{run}:1"}, (task, name)
        keys[task, name] = f"{run}:1"
    return keys


def _check_mails(stand: Stand, tasks: Sequence[str]) -> None:
    """One mail each; more than one copy of it only where the audit log says that a kill hit its hand-over."""
    query = f"""SELECT m.idempotency_key, CAST(a.after AS TEXT) FROM kernel_audit_record a
        JOIN adapter_notify_message m ON m.id = a.resource_id
        WHERE a.action = 'message.sent_again' AND m.idempotency_key >= '{min(tasks)}'"""  # noqa: S608  ids
    hits = Counter(key.split(".")[0] for key, after in stand.rows(query) if json.loads(after)["perhaps_twice"])
    for task in tasks:
        copies = stand.mails_of(task)
        assert len({str(mail["Message-ID"]) for mail in copies}) == 1
        assert len({mail.as_bytes() for mail in copies}) == 1
        assert 1 <= len(copies) <= 1 + hits[task]


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
