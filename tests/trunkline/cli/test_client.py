"""What commands say when it is not the server that refuses: every one ends with a sentence, none with a traceback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.backend import BackendRequest, serving_http
from tests.support.server import free_port
from trunkline.cli import app

PAGE = (200, "text/html", b"<!doctype html><title>A page of somebody else's</title>")


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """A server that is none of ours: some of its answers are pages, some are JSON of its own."""

    def answer(request: BackendRequest) -> tuple[int, str, bytes]:
        return (502, "application/json", b'["bad gateway"]') if "tasks" in request.target else PAGE

    with serving_http(answer) as url:
        yield url


def run(url: str, *arguments: str) -> Result:
    done = CliRunner().invoke(app, [*arguments], env={"TRUNKLINE_URL": url, "TRUNKLINE_TOKEN": "token"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize("command", [("task", "list", "shop"), ("audit", "export", "log.ndjson")])
def test_a_server_that_is_not_there_is_told(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(f"http://127.0.0.1:{free_port()}", *command)
    assert (done.exit_code, "can't be reached" in done.output) == (1, True)


def test_answers_of_somebody_else_are_told_as_such(stranger: str) -> None:
    page = run(stranger, "system", "list")
    assert (page.exit_code, "no JSON" in page.output) == (1, True)
    refused = run(stranger, "task", "list", "shop")
    assert (refused.exit_code, "bad gateway" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("command", "file", "said"),
    [
        (("task", "decide", "t", "n", "-i", "name"), b"", "NAME=VALUE"),
        (("flow", "import", "shop", "given", "--subflow", "7"), b"{}", "NAME=VALUE"),
        (("flow", "import", "shop", "given"), b"name: \xff\xfe", "is no UTF-8 text"),
        (("plugin", "policy", "given"), b"[]", "must be an object"),
        (("plugin", "policy", "given"), b"", "must be an object"),
    ],
)
def test_what_is_written_wrongly_is_told_before_anything_is_asked(
    command: tuple[str, ...], file: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("given").write_bytes(file)
    done = run("http://127.0.0.1:9", *command)
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_a_file_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    done = run("http://127.0.0.1:9", "audit", "export", str(tmp_path / "nowhere" / "log.ndjson"))
    assert (done.exit_code, "can't be written" in done.output) == (1, True)
