"""`kill -9` at random moments of a running task: it finishes by itself after a restart, and no effect happened twice.

A mail is the exception that SMTP forces: when the kill hits between the note that it is handed over and the note of the
server's answer, it goes out again as the same mail, with the same Message-ID.
"""

import json
import os
import random
import sys
import time
from typing import Any

import pytest

from tests.durability.conftest import CHANGING, SCRIPTS, Stand

_PATIENCE_SECONDS = 60
_OVER = ("FINISHED", "FAILED", "REVOKED")


def test_a_task_survives_twenty_kills(stand: Stand) -> None:
    _kill_many(stand, 20)


@pytest.mark.deep
def test_a_task_survives_two_hundred_kills(stand: Stand) -> None:
    _kill_many(stand, 200)


@pytest.mark.parametrize(("step", "copies"), [("receiver", 1), ("mail", 2)])
def test_a_kill_while_the_mail_goes_out_costs_at_most_a_second_copy(stand: Stand, step: str, copies: int) -> None:
    stand.mailbox.hold_at = step
    task_id = stand.launch(f"kill at {step}")
    assert stand.mailbox.held.wait(_PATIENCE_SECONDS)
    stand.server.kill()
    stand.mailbox.hold_at = ""
    stand.server.start()
    _check(stand, _finished(stand, task_id))
    assert len(stand.mails_of(task_id)) == copies


def _kill_many(stand: Stand, kills: int) -> None:
    seed = int(os.environ.get("TRUNKLINE_TEST_SEED", time.time_ns() % 2**32))
    _tell(f"seed {seed}: TRUNKLINE_TEST_SEED={seed} repeats it")
    moments = random.Random(seed)  # noqa: S311  moments, not secrets
    began = time.monotonic()
    _check(stand, _finished(stand, stand.launch("undisturbed")))
    whole = time.monotonic() - began
    done = 0
    while done < kills:
        task_id = stand.launch(f"kill {done}")
        for _ in range(moments.choice((1, 1, 1, 2))):
            moment = moments.uniform(0, whole)
            time.sleep(moment)
            before = stand.task(task_id)
            if before["state"] == "FINISHED":
                break
            stand.restart()
            done += 1
            _tell(f"kill {done} {moment:.2f} s after launch or restart: {_states(before)}")
        began = time.monotonic()
        _check(stand, _finished(stand, task_id))
        _tell(f"finished {time.monotonic() - began:.2f} s later")


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _states(task: Any) -> str:
    return " ".join(f"{name}={node['state']}" for name, node in task["nodes"].items() if node["state"] != "FINISHED")


def _finished(stand: Stand, task_id: str) -> Any:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        task = stand.task(task_id)
        if task["state"] in _OVER:
            return task
        time.sleep(0.05)
    pytest.fail(
        f"task {task_id} did not finish: {_states(stand.task(task_id))}\n{stand.server.log.read_text()[-3000:]}"
    )


def _check(stand: Stand, task: Any) -> None:
    task_id = task["id"]
    assert task["state"] == "FINISHED", task
    assert task["outputs"] == {"said": "called_back last"}
    assert stand.effects_of(task_id) == dict.fromkeys(SCRIPTS, 1)
    keys = [_check_node(stand, task_id, name, task["nodes"][name]) for name in CHANGING]
    jobs = stand.rows("SELECT key FROM adapter_job_idempotency WHERE key LIKE ?", task_id)
    mails = stand.rows("SELECT idempotency_key FROM adapter_notify_message WHERE idempotency_key LIKE ?", task_id)
    assert sorted(jobs) == sorted(keys[: len(SCRIPTS)])
    assert mails == keys[-1:]
    _check_mails(stand, task_id)


def _check_node(stand: Stand, task_id: str, name: str, node: Any) -> str:
    """One run, one key, however often it was asked; the key."""
    detail = stand.api.get(f"/tasks/{task_id}/nodes/{name}")
    (run,) = detail["runs"]
    assert node["attempt"] == 1
    changing = {call["idempotency_key"] for call in run["calls"]} - {None}
    assert changing == {f"{run['id']}:1"}, (name, run["calls"])
    return f"{run['id']}:1"


def _check_mails(stand: Stand, task_id: str) -> None:
    """One mail; more than one copy of it only where the audit log says that a kill hit its hand-over."""
    copies = stand.mails_of(task_id)
    assert len({str(mail["Message-ID"]) for mail in copies}) == 1
    assert len({mail.as_bytes() for mail in copies}) == 1
    repeats = stand.rows(
        "SELECT after FROM kernel_audit_record WHERE action = 'message.sent_again' AND resource_id IN"
        " (SELECT id FROM adapter_notify_message WHERE idempotency_key LIKE ?)",
        task_id,
    )
    hits = sum(bool(json.loads(after)["perhaps_twice"]) for after in repeats)
    assert 1 <= len(copies) <= 1 + hits
    if repeats:
        _tell(f"mail repeated {len(repeats)} times, {hits} of them after a kill at its hand-over: {len(copies)} copies")
