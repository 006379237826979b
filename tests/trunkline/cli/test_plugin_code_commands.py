"""Plugins in Python, from the first draft to the signed package."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from marketplace.package.archive import read_archive, write_archive
from marketplace.package.package import read_package
from marketplace.package.signatures import signature_problem
from tests.support.patience import eventually
from tests.support.server import free_port
from trunkline.cli.plugin import app


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str):
        return CliRunner().invoke(app, list(arguments))

    return invoke


@pytest.fixture
def greeter(run):
    assert run("new", "greeter", "--kind", "python", "--publisher", "acme").exit_code == 0
    return run


_SAMPLE = Path(__file__).parents[2] / "marketplace/kit/sample_project"


def test_a_project_of_the_framework_is_packed_as_it_is_zipped_or_not(run, tmp_path):
    shutil.copytree(_SAMPLE, tmp_path / "bk-sample")
    (tmp_path / "bk-sample/app_desc.yml").write_text("spec_version: 2\n")
    zipped = shutil.make_archive("bk-sample", "zip", tmp_path, "bk-sample")
    unnamed = run("pack", "bk-sample.zip")
    assert (unnamed.exit_code, "Name who publishes the plugin with --publisher" in unnamed.stderr) == (1, True)
    assert run("check", "bk-sample.zip").stderr.splitlines()[1:] == run("check", "bk-sample").stderr.splitlines()[1:]
    packed = [
        json.loads(run("pack", path, "--publisher", "acme", "--out", f"{number}.zip", "--json").stdout)
        for number, path in enumerate(["bk-sample", zipped])
    ]
    assert packed[0] == {**packed[1], "file": "0.zip"}
    package = read_package((tmp_path / "1.zip").read_bytes())
    assert (package.manifest.code, package.manifest.publisher, package.manifest.version) == (
        "bk_sample",
        "acme",
        "1.3.0",
    )
    named = run("pack", "bk-sample.zip", "--publisher", "acme", "--code", "Other")
    assert "'Other' is no code of a plugin" in named.stderr


def test_a_plugins_folder_that_was_zipped_by_hand_is_the_same_package(greeter, tmp_path):
    shutil.make_archive("by-hand", "zip", tmp_path, "greeter")
    assert greeter("check", "by-hand.zip").stdout.split(": ")[1] == greeter("check", "greeter").stdout.split(": ")[1]


def test_a_draft_is_checked_packed_and_signed(greeter, tmp_path):
    assert "greeter 1.0.0 is in order" in greeter("check", "greeter").stdout
    packed = json.loads(greeter("pack", "greeter", "--json").stdout)
    public = greeter("key", "mine.pem").stdout.strip()
    assert (tmp_path / "mine.pem").stat().st_mode & 0o777 == 0o600
    assert greeter("key", "mine.pem").exit_code == 1
    greeter("key", "other.pem")
    signed = json.loads(greeter("sign", packed["file"], "--key", "mine.pem", "--key", "other.pem", "--json").stdout)
    assert (signed["digest"], signed["signed_by"][0]) == (packed["digest"], public)
    package = read_package((tmp_path / packed["file"]).read_bytes())
    assert signature_problem(package.signatures, package.digest, frozenset({public})) is None
    assert package.manifest.inputs["properties"].keys() == {"name", "wait"}
    assert package.manifest.python.context == ["executor"]
    assert package.manifest.form["i18n"]["zh"].keys() == {"name.label", "name.description", "wait.label"}
    assert greeter("check", packed["file"]).exit_code == 0


def test_a_version_that_breaks_its_users_must_say_so(greeter, tmp_path):
    first = tmp_path / "greeter/bk_plugin/versions/v1_0_0.py"
    text = first.read_text().replace('version = "1.0.0"', 'version = "1.0.1"')
    text = text.replace('name: str = Field(title="Name"', 'whom: str = Field(title="Name"')
    (first.parent / "v1_0_1.py").write_text(text.replace("class Greeter", "class Second"))
    checked = greeter("check", "greeter")
    assert checked.exit_code == 1
    assert "1.0.1: inputs.name: was required and is gone - Raise 1.0.0 by a major step" in checked.stderr
    assert "1.0.1: inputs.whom: is new and required - Raise 1.0.0 by a major step" in checked.stderr


def test_a_version_is_compared_with_the_last_package(greeter, tmp_path):
    greeter("pack", "greeter")
    version = tmp_path / "greeter/bk_plugin/versions/v1_0_0.py"
    version.write_text(version.read_text().replace("greeting: str", "words: str"))
    compared = greeter("check", "greeter", "--against", "greeter-1.0.0.zip")
    assert compared.exit_code == 1
    assert "1.0.0: outputs.greeting: is gone - Raise 1.0.0 by a major step" in compared.stderr


def test_a_version_is_compared_with_one_that_checks_of_today_would_refuse(greeter, tmp_path):
    greeter("pack", "greeter")
    files = read_archive((tmp_path / "greeter-1.0.0.zip").read_bytes())
    (tmp_path / "old.zip").write_bytes(write_archive(files | {"requirements.txt": b"six\n"}))
    assert "requirements.txt: 'six' is not pinned" in greeter("check", "old.zip").stderr
    assert greeter("check", "greeter", "--against", "old.zip").exit_code == 0
    (tmp_path / "older").mkdir()
    for name, content in files.items():
        place = tmp_path / "older" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    (tmp_path / "older/requirements.txt").write_text("six\n")
    assert greeter("check", "greeter", "--against", "older").exit_code == 0


def test_code_that_cannot_be_imported_is_told(greeter, tmp_path):
    (tmp_path / "greeter/bk_plugin/versions/v1_0_0.py").write_text("import nothing_of_this_name\n")
    checked = greeter("check", "greeter")
    assert checked.exit_code == 1
    assert "No module named 'nothing_of_this_name'" in checked.stderr


def test_a_project_of_the_framework_is_checked_before_it_is_a_package(greeter, tmp_path):
    (tmp_path / "greeter/plugin.yaml").unlink()
    assert greeter("check", "greeter").stdout == "greeter: versions 1.0.0 are in order\n"


@pytest.fixture
def served(greeter, tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "trunkline", "plugin", "serve", "greeter", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: httpx.get(f"{url}/bk_plugin/meta/").is_success)
        yield url
    finally:
        process.terminate()
        process.wait()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_a_change_is_served_at_once_and_a_remote_draft_is_made_of_it(served, greeter, tmp_path):
    assert httpx.get(served).headers["content-type"].startswith("text/html")
    assert httpx.get(f"{served}/bk_plugin/meta/").json()["data"]["code"] == "greeter"
    assert greeter("new", "far_greeter", "--kind", "remote", "--from", served, "--system", "greet").exit_code == 0
    assert "far_greeter 1.0.0 is in order" in greeter("check", "far_greeter").stdout
    assert greeter("new", "far_too", "--kind", "remote", "--from", f"{served}/nothing").exit_code == 1
    version = tmp_path / "greeter/bk_plugin/versions/v1_0_0.py"
    version.write_text(version.read_text().replace('"1.0.0"', '"1.0.1"'))
    eventually(lambda: httpx.get(f"{served}/bk_plugin/meta/").json()["data"]["versions"] == ["1.0.1"])
