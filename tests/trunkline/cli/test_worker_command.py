from pathlib import Path

import pytest
from typer.testing import CliRunner

from trunkline.cli import app


def test_a_worker_does_not_guess_the_address_its_tokens_and_callbacks_carry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("TRUNKLINE_PUBLIC_URL", raising=False)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_arguments, **_named: pytest.fail("it started"))
    answer = CliRunner().invoke(app, ["worker"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert answer.exit_code == 2
    assert "TRUNKLINE_PUBLIC_URL" in answer.output
    assert not (tmp_path / "data").exists()
