"""`kill -9` at random moments of running tasks, all parts in one process on SQLite: every task finishes by itself after
a restart, and no effect happened twice.

A mail is the exception that SMTP forces: when the kill hits between the note that it is handed over and the note of the
server's answer, it goes out again as the same mail, with the same Message-ID.
"""

import pytest

from tests.durability.kills import PATIENCE_SECONDS, account, kill_many
from tests.durability.stands import Stand


def test_tasks_survive_ten_kills(stand: Stand) -> None:
    kill_many(stand, 10)


@pytest.mark.deep
def test_tasks_survive_two_hundred_kills(stand: Stand) -> None:
    kill_many(stand, 200)


@pytest.mark.parametrize(("step", "copies"), [("receiver", 1), ("mail", 2)])
def test_a_kill_while_the_mail_goes_out_costs_at_most_a_second_copy(stand: Stand, step: str, copies: int) -> None:
    stand.mailbox.held.clear()
    stand.mailbox.hold_at = step
    task_id = stand.launch(f"kill at {step}")
    assert stand.mailbox.held.wait(PATIENCE_SECONDS)
    stand.server.kill()
    stand.mailbox.hold_at = ""
    stand.server.start()
    account(stand, [task_id])
    assert len(stand.mails_of(task_id)) == copies
