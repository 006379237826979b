import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.support.server import free_port

_SECONDS = 120


def _lives(url: str) -> bool:
    try:
        return httpx.get(f"{url}/livez", timeout=2).is_success
    except httpx.HTTPError:
        return False


def test_a_demo_told_to_terminate_leaves_no_server_behind(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "trunkline", "demo", "--serve", "--port", str(port), "--data", str(tmp_path / "d")]
    demo = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _SECONDS
        while not _lives(url):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        demo.terminate()
        demo.wait(_SECONDS)
        assert not _lives(url)
    finally:
        demo.kill()
