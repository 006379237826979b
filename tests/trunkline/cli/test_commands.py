import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from trunkline.cli import app
from trunkline.cli.commands import loaded_later

_HEAVY = {"fastapi", "sqlalchemy", "starlette", "uvicorn"}
_LOADED = """
import sys
import typer.testing
from trunkline.cli import app
typer.testing.CliRunner().invoke(app, sys.argv[1:])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("words", [["system", "list"], ["task", "list"], ["grant", "list"], ["user", "list"]])
def test_a_command_that_asks_the_server_does_not_load_one(words: list[str]) -> None:
    run = subprocess.run([sys.executable, "-c", _LOADED, *words, "--help"], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "httpx" in loaded
    assert not loaded & _HEAVY


def test_groups_have_the_commands_of_their_own_and_those_that_are_loaded_later() -> None:
    said = CliRunner().invoke(app, ["user", "--help"])
    assert said.exit_code == 0
    assert {"list", "make-admin"} <= set(said.output.replace("│", " ").split())


def test_a_command_that_is_not_there_is_wrong_usage() -> None:
    for words in (["nope"], ["flow", "nope"]):
        said = CliRunner().invoke(app, words)
        assert (said.exit_code, "No such command 'nope'" in said.output) == (2, True)


def test_a_function_is_a_command_of_the_name_it_is_listed_by() -> None:
    group = typer.Typer(cls=loaded_later({"look-up": "oauth:set_oauth"}))
    group.callback()(lambda: None)
    assert "look-up [OPTIONS] {app_code}" in CliRunner().invoke(group, ["look-up", "--help"]).output
