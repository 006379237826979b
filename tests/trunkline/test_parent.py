import time
from pathlib import Path

from tests.support.forking import Nursery
from tests.support.server import ServerProcess, free_port, migrated

_PATIENCE_SECONDS = 30


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_processes_that_share_a_port_end_with_the_one_that_started_them(
    tmp_path: Path, nursery: Nursery, sqlite_template: Path
) -> None:
    server = ServerProcess(migrated(tmp_path / "data", sqlite_template), free_port(), workers=2, nursery=nursery)
    server.start()
    assert server.process is not None
    children = _children(server.process.pid)
    assert len(children) >= 2
    server.kill()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while any(map(_lives, children)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [child for child in children if _lives(child)] == []
