"""People, and the secrets of apps, from the command line, against a real server."""

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from tests.support.stand import Stand
from tests.trunkline.cli.conftest import Run
from trunkline.cli import app


def test_an_account_from_its_making_to_its_end(run: Run, stand: Stand) -> None:
    made = run("user", "create", "dora", "--name", "Dora")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith(f"{stand.url}/set-password#")
    assert run("user", "create", "dora").exit_code == 1
    reset = json.loads(run("user", "reset-password", "dora", "--temporary", "--json").stdout)
    assert (reset["url"], len(reset["password"]) > 10) == (None, True)
    roles = run("user", "set-roles", "dora", "registrar", "publisher")
    assert roles.stdout.strip() == "dora\tpublisher (by admin), registrar (by admin)"
    assert "dora\tpublisher (by admin)" in run("user", "roles").stdout
    assert run("user", "set-roles", "dora", "emperor").exit_code == 1
    assert run("user", "set-roles", "dora").stdout.strip() == "dora\tno roles"
    assert run("user", "sessions", "dora").stdout == ""
    assert run("user", "sessions", "dora", "--end").stdout == "0 ended\n"
    assert run("user", "disable", "dora").exit_code == 0
    assert run("user", "list", "dora").stdout == "dora\tDora\tdisabled\n"
    assert run("user", "enable", "dora").exit_code == 0


def test_who_runs_the_server_makes_an_administrator(run: Run, stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.api.post("/users", {"username": "rita", "display_name": "Rita", "password": "long enough 1"})
    run("user", "disable", "rita")
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(stand.server.data_dir))
    made = CliRunner().invoke(app, ["user", "make-admin", "rita"])
    assert (made.exit_code, made.stdout) == (0, "rita administers the platform\n")
    roles = stand.api.get("/roles", resource="platform")["items"]
    (held,) = next(each for each in roles if each["username"] == "rita")["roles"]
    assert (held["role"], held["origin"], held["given_by"]) == ("admin", "given", "command line on the server")
    unknown = CliRunner().invoke(app, ["user", "make-admin", "sven"])
    assert (unknown.exit_code, "--create" in unknown.output) == (1, True)
    created = CliRunner().invoke(app, ["user", "make-admin", "sven", "--create"])
    password = created.stdout.splitlines()[1].removeprefix("password").strip()
    signed_in = httpx.post(f"{stand.url}/v1/session", json={"username": "sven", "password": password})
    assert (signed_in.status_code, signed_in.json()["user"]["must_change_password"]) == (200, True)
    actors = {each["actor"] for each in stand.api.get("/audit", kind="user", resource="sven")["items"]}
    assert "command line on the server" in actors


def test_without_an_installation_nobody_is_made_administrator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path / "nothing"))
    refused = CliRunner().invoke(app, ["user", "make-admin", "rita"])
    assert (refused.exit_code, "No installation" in refused.output) == (2, True)
    assert not (tmp_path / "nothing").exists()


def test_deputies_are_named_and_dismissed(run: Run, stand: Stand) -> None:
    stand.api.post("/users", {"username": "dan", "display_name": "Dan", "password": "long enough 1"})
    named = run("deputy", "name", "cmdb", "dan", "--until", "2999-01-01T00:00:00Z")
    assert named.exit_code == 0, named.output
    assert run("deputy", "list", "cmdb").stdout.startswith("dan\t")
    assert run("deputy", "name", "cmdb", "dan", "--until", "1999-01-01T00:00:00Z").exit_code == 1
    assert run("deputy", "dismiss", "cmdb", "dan").exit_code == 0
    assert run("deputy", "list", "cmdb").stdout == ""


def test_an_apps_secrets_are_added_listed_and_deleted(run: Run) -> None:
    made = run("app", "create", "nightly-job", "--name", "Nightly job", "--json")
    assert made.exit_code == 0, made.output
    added = json.loads(run("app", "add-secret", "nightly-job", "--json").output)
    shown = json.loads(run("app", "show", "nightly-job", "--json").output)
    assert (shown["name"], len(shown["secrets"])) == ("Nightly job", 2)
    assert added["app_secret"] not in json.dumps(shown)
    assert run("app", "delete-secret", "nightly-job", added["id"]).exit_code == 0
    told = run("app", "show", "nightly-job").output.splitlines()
    assert (told[0], len(told)) == ("nightly-job\tNightly job\t", 2)
    assert run("app", "show", "nobody").exit_code == 1
