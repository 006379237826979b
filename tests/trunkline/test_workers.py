import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from uvicorn.supervisors import multiprocess

from tests.support.forking import Nursery
from tests.support.server import ServerProcess, free_port, migrated
from trunkline.listening import ListeningServer
from trunkline.workers import Workers

_BETWEEN_QUESTIONS = 0.5
_PATIENCE_SECONDS = 30


@pytest.fixture
def server(tmp_path: Path, nursery: Nursery, sqlite_template: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(migrated(tmp_path / "data", sqlite_template), free_port(), workers=2, nursery=nursery)
    server.start()
    yield server
    if server.process is not None:
        server.kill()


def _workers(server: ServerProcess) -> set[int]:
    assert server.process is not None
    pid = server.process.pid
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def _kill_one_that_was_just_asked(server: ServerProcess) -> None:
    chosen = min(_workers(server))
    os.kill(chosen, signal.SIGSTOP)  # so that it doesn't answer
    time.sleep(3 * _BETWEEN_QUESTIONS)
    os.kill(chosen, signal.SIGKILL)


def test_another_is_started_for_one_that_ended_while_it_was_asked_whether_it_lives(server: ServerProcess) -> None:
    before = _workers(server)
    _kill_one_that_was_just_asked(server)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(before & _workers(server)) != 1 or len(_workers(server)) != len(before):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_all_end_in_good_order_even_when_one_ended_while_it_was_asked(server: ServerProcess) -> None:
    _kill_one_that_was_just_asked(server)
    assert server.stop() in {0, -signal.SIGTERM}


def test_who_is_started_in_the_place_of_another_tells_the_data_plane_that_it_listens_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(multiprocess, "Process", multiprocess.Process)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for part in ("start", "kill", "join"):
        monkeypatch.setattr(multiprocess.Process, part, lambda _process: None)
    monkeypatch.setattr(multiprocess.Process, "is_alive", lambda _process, **_timeout: False)
    workers = Workers(uvicorn.Config("nothing", workers=2), sockets=[])
    workers.init_processes()
    first = set(workers.processes)
    workers.keep_subprocess_alive()
    assert first.isdisjoint(workers.processes)
    assert all(isinstance(process.server, ListeningServer) for process in workers.processes)
