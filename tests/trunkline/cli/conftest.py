"""Commands as a person gives them, against a real server."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.stand import Stand
from trunkline.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    token = (stand.server.data_dir / "cli-token").read_text().strip()

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--url", stand.url, "--token", token])

    return invoke
