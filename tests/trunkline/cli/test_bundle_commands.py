"""Flows of the catalogue, carried by a bundle into a project."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from marketplace.bundles.archive import read_bundle
from tests.support.orchestrator import flow_of
from tests.support.stand import Stand
from tests.trunkline.cli.conftest import Run
from trunkline.cli.bundled_flows import take_bundled
from trunkline.cli.client import connect

_NUMBERS = ("1.0.0", "1.0.1", "1.0.2")
WAIT: dict[str, Any] = {"id": "wait", "kind": "timer", "name": "Wait", "seconds": 1}


@dataclass(frozen=True, slots=True)
class Lender:
    """A project whose flow is shared, and another that has nothing yet."""

    code: str
    flow: str
    borrower: str


@pytest.fixture
def lender(stand: Stand) -> Lender:
    code = f"patient_{uuid4().hex[:8]}"
    lends, borrows = (stand.api.post("/projects", {"code": f"{code}_{end}", "name": code}) for end in "ab")
    flow = stand.api.post(f"/projects/{lends['code']}/flows", {"name": "Be patient", "description": ""})
    body = {"definition": flow_of(WAIT), "draft_version": flow["draft_version"]}
    stand.api.put(f"/flows/{flow['id']}/draft", body)
    stand.api.post(f"/flows/{flow['id']}:publish", {"comment": ""})
    return Lender(code, flow["id"], borrows["code"])


def _bundled(run: Run, folder: Path, lender: Lender, version: str) -> str:
    text = folder / "README.md"
    text.write_text("# Be patient", encoding="utf-8")
    texts = ("--readme", str(text), "--changelog", str(text))
    shared = run("flow", "share", lender.flow, lender.code, version, "--publisher", "acme", *texts)
    assert shared.exit_code == 0, shared.output
    bundle = str(folder / f"{version}.bundle")
    assert run("plugin", "bundle", bundle, "--plugin", f"{lender.code}@{version}").exit_code == 0
    return bundle


def _flows(stand: Stand, project: str) -> list[str]:
    return [flow["name"] for flow in stand.api.get(f"/projects/{project}/flows")["items"]]


def test_a_project_takes_the_catalogue_s_flows_of_a_bundle(
    run: Run, stand: Stand, lender: Lender, tmp_path: Path
) -> None:
    bundle = _bundled(run, tmp_path, lender, "1.0.0")
    assert run("plugin", "unbundle", bundle).exit_code == 0
    assert _flows(stand, lender.borrower) == [], "only a project that is named takes them"
    taken = run("plugin", "unbundle", bundle, "--project", lender.borrower)
    assert (taken.exit_code, taken.stdout.splitlines()[-1].split("\t")[1:]) == (0, ["Be patient", "draft"])
    again = run("plugin", "unbundle", bundle, "--project", lender.borrower)
    assert f"{lender.code} 1.0.0 was not taken: the project has 1.0.0" in again.stdout
    assert _flows(stand, lender.borrower) == ["Be patient"]


def test_a_newer_version_leaves_flows_that_were_changed_here(
    run: Run, stand: Stand, lender: Lender, tmp_path: Path
) -> None:
    old, new = (_bundled(run, tmp_path, lender, version) for version in ("1.0.0", "1.0.1"))
    first = json.loads(run("plugin", "unbundle", old, "--project", lender.borrower, "--json").stdout)
    (made,) = first["taken"][0]["flows"]
    draft = stand.api.get(f"/flows/{made['flow_id']}")
    changed = flow_of({**WAIT, "seconds": 2})
    stand.api.put(f"/flows/{made['flow_id']}/draft", {"definition": changed, "draft_version": draft["draft_version"]})
    kept = run("plugin", "unbundle", new, "--project", lender.borrower)
    assert f"{lender.code} 1.0.1 was not taken: Be patient was changed since" in kept.stdout
    assert run("flow", "take", lender.borrower, lender.code, "--overwrite").exit_code == 0
    assert "the project has 1.0.1" in run("plugin", "unbundle", old, "--project", lender.borrower).stdout


def test_an_older_version_is_taken_where_newer_ones_wait_or_were_withdrawn(
    run: Run, stand: Stand, lender: Lender, tmp_path: Path
) -> None:
    carried = [read_bundle(Path(_bundled(run, tmp_path, lender, number)).read_bytes()) for number in _NUMBERS]
    packages = [package for bundle in carried for package in bundle.packages]
    assert run("plugin", "yank", lender.code, "1.0.1", "--message", "It waits too long.").exit_code == 0
    token = (stand.server.data_dir / "cli-token").read_text().strip()
    outcomes = [{"code": lender.code, "version": "1.0.2", "outcome": "waiting"}]
    found = take_bundled(connect(stand.url, token), lender.borrower, packages, outcomes)
    assert [each.version for each in found] == ["1.0.2", "1.0.1", "1.0.0"]
    assert "it waits for approval" in found[0].left
    assert "It waits too long." in found[1].left
    assert (found[2].left, _flows(stand, lender.borrower)) == ("", ["Be patient"])
