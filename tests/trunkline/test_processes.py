"""What a process loads is what it needs."""

import subprocess
import sys

import pytest

_LOADED = """
import sys
import trunkline.app
trunkline.app.{process}()
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


@pytest.mark.parametrize(
    ("process", "serves_agents"), [("create_gateway", False), ("create_worker", False), ("create_server", True)]
)
def test_only_processes_that_serve_agents_load_their_protocol(
    process: str, *, serves_agents: bool, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    code = _LOADED.format(process=process)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ("mcp" in run.stdout.split()) is serves_agents
