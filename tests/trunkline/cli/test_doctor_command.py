import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kernel.clock import utc_now
from kernel.db.database import Database
from orchestrator.runtime.models import NodeRun
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.runtime import create_task, task_of
from trunkline.cli import app


async def stuck_task(url: str) -> str:
    """A task whose poll no time is set for."""
    database = Database(url)
    task = await create_task(database, flow_of(plugin_node("a")), state="RUNNING", counter=2)
    async with database.unit_of_work() as session:
        run = {"node_id": "a", "number": 2, "attempt": 1, "state": "POLLING", "step": 1, "started_at": utc_now()}
        session.add(NodeRun(id=f"{task}.2", task_id=task, **run))
    await database.close()
    return task


async def fence_of(url: str, task: str) -> int:
    database = Database(url)
    fence = (await task_of(database, task)).fence
    await database.close()
    return fence


def test_stuck_tasks_are_named_and_mended(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(sqlite_template, tmp_path / "trunkline.db")
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRUNKLINE_SECRET_KEY", "11" * 32)
    url = f"sqlite+aiosqlite:///{tmp_path / 'trunkline.db'}"

    def found(*arguments: str) -> dict[str, Any]:
        answer = CliRunner().invoke(app, ["doctor", "--json", *arguments])
        assert answer.exit_code == 1, answer.output  # nothing serves here
        return {finding["check"]: finding for finding in json.loads(answer.stdout)}

    healthy = found()
    assert healthy["schema"]["in_order"]
    assert healthy["tasks"]["detail"] == "0 have not ended, and none is stuck"
    task = asyncio.run(stuck_task(url))
    told = found()
    assert told["workers"]["in_order"] is False
    broken = told[f"task {task} node a"]
    assert (broken["in_order"], broken["detail"][:10]) == (False, "wait_ends:")
    assert "--mend" in broken["remedy"]
    assert found("--mend")[f"task {task} node a"]["in_order"]
    assert asyncio.run(fence_of(url, task)) == 1
