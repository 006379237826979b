"""Secrets of a project from the command line, against a real server."""

import json

from tests.support.orchestrator import flow_of, plugin_node
from tests.support.project import create_project
from tests.support.stand import Stand
from tests.trunkline.cli.conftest import Run


def test_a_secret_that_flows_use_is_removed_only_when_it_is_forced(run: Run, stand: Stand) -> None:
    create_project(stand.api, "vaults")
    for name in ("db-password", "db.password"):
        stand.api.put(f"/projects/vaults/secrets/{name}", {"source": "stored", "value": "hush"})
    listed = run("secret", "list", "vaults", "--project")
    told = (
        'db-password\tstored\t${project.secrets.db-password}\ndb.password\tstored\t${project.secrets["db.password"]}\n'
    )
    assert listed.stdout == told
    flow = stand.api.post("/projects/vaults/flows", {"name": "Log in", "description": ""})["id"]
    definition = flow_of(plugin_node("log_in", inputs={"line": "-p ${project.secrets.db-password}"}))
    stand.api.put(f"/flows/{flow}/draft", {"definition": definition, "draft_version": 1})
    line = f"{flow}\tLog in\tdraft\tlog_in:inputs.line\n"
    assert run("secret", "uses", "vaults", "db-password").stdout == line
    assert json.loads(run("secret", "uses", "vaults", "db-password", "--json").stdout)[0]["flow_id"] == flow
    refused = run("secret", "remove", "vaults", "db-password", "--project")
    assert (refused.exit_code, line in refused.output) == (1, True)
    assert run("secret", "remove", "vaults", "db.password", "--project").exit_code == 0
    assert run("secret", "remove", "vaults", "db-password", "--project", "--force").exit_code == 0
    assert run("secret", "list", "vaults", "--project").stdout == ""
