"""What a process loads is what it needs."""

import subprocess
import sys

import pytest

_WHEN_NEEDED = {"apprise", "openpyxl", "requests"}
"""What takes long to load and serves few calls."""

_LOADED = """
import gc
import sys
gc.disable()  # as a server does while it loads what stays
import trunkline.app
trunkline.app.{process}()
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


@pytest.mark.parametrize(
    ("process", "serves_agents"), [("create_gateway", False), ("create_worker", False), ("create_server", True)]
)
def test_a_process_starts_without_what_it_may_never_need(
    process: str, *, serves_agents: bool, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    code = _LOADED.format(process=process)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert ("mcp" in loaded) is serves_agents
    assert not loaded & _WHEN_NEEDED
