import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kernel.db.database import Database
from tests.support.orchestrator import flow_of
from tests.support.runtime import create_task, task_of
from tests.support.stuck import stuck_task
from trunkline.cli import app


async def task_with_typed_secret(url: str) -> str:
    """As versions made it that sealed nothing."""
    database = Database(url)
    form = {"schema": {"type": "object", "properties": {"password": {"type": "string", "writeOnly": True}}}}
    task = await create_task(database, flow_of(form=form), inputs={"password": "correct horse"}, start_at=None)
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
    assert healthy["secret inputs"]["detail"] == "all stand sealed"
    task, typed = asyncio.run(stuck_task(url)), f"task {asyncio.run(task_with_typed_secret(url))}"
    told = found()
    assert told["workers"]["in_order"] is False
    broken = told[f"task {task} node a"]
    assert (broken["in_order"], broken["detail"][:10]) == (False, "wait_ends:")
    assert "--mend" in broken["remedy"]
    plain = (told[typed]["in_order"], told[typed]["detail"])
    assert plain == (False, "secret_sealed: keeps a secret as somebody typed it")
    mended = found("--mend")
    assert mended[f"task {task} node a"]["in_order"]
    assert mended[typed]["in_order"]
    assert asyncio.run(fence_of(url, task)) == 1
