import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kernel.services import KernelServices
from tests.support import served_house
from tests.support.marketplace import MarketplaceHouse, build_house
from tests.support.packages import FIND_HOST, RUN_SCRIPT, files_of, manifest_of
from trunkline.cli.plugin import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("TRUNKLINE_URL", "TRUNKLINE_TOKEN", "TRUNKLINE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(app, list(arguments), input=answer)

    return invoke


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_a_new_plugin_is_checked_and_packed_without_a_server(run: Run, tmp_path: Path) -> None:
    assert run("new", "find_business", "--publisher", "acme").exit_code == 0
    checked = run("check", "find_business", "--json")
    assert checked.exit_code == 0
    (report,) = json.loads(checked.stdout)
    packed = json.loads(run("pack", "find_business", "--json").stdout)
    assert packed == {
        "file": "find_business-0.1.0.zip", "code": "find_business", "version": "0.1.0", "digest": report["digest"]
    }  # fmt: skip
    assert json.loads(run("check", packed["file"], "--json").stdout)[0]["digest"] == report["digest"]
    first = (tmp_path / packed["file"]).read_bytes()
    run("pack", "find_business", "--out", "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == first


def test_a_draft_never_overwrites(run: Run) -> None:
    run("new", "mine")
    again = run("new", "mine")
    assert again.exit_code == 1
    assert "not empty" in again.stderr


@pytest.mark.parametrize(
    "arguments", [("new", "Bad-Code"), ("new", "good", "--publisher", "x y"), ("new",), ("check",), ("pack", "nowhere")]
)
def test_wrong_usage_exits_with_two(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_problems_are_shown_with_field_and_remedy(run: Run, tmp_path: Path) -> None:
    _write(tmp_path / "broken", files_of(manifest_of(FIND_HOST, version="1")))
    _write(tmp_path / "good", files_of(FIND_HOST))
    shown = run("check", "good", "broken")
    assert shown.exit_code == 1
    assert "good: find_host 1.0.0 is in order" in shown.stdout
    assert "  version: is no semantic version - Write it like 1.0.0 or 1.1.0-rc.1" in shown.stderr
    reports = json.loads(run("check", "good", "broken", "--json").stdout)
    assert [report["ok"] for report in reports] == [True, False]
    assert reports[1]["problems"][0]["field"] == "version"
    assert run("pack", "broken").exit_code == 1
    assert run("publish", "broken", "--token", "x").exit_code == 1


@pytest.fixture
async def served(kernel: KernelServices) -> AsyncIterator[tuple[str, MarketplaceHouse]]:
    house = build_house(kernel)
    async with served_house.served(house) as url:
        yield url, house
    await house.close()


async def test_a_plugin_is_published_and_installed_with_consent(
    run: Run, tmp_path: Path, served: tuple[str, MarketplaceHouse]
) -> None:
    url, house = served
    _write(tmp_path / "script", files_of(RUN_SCRIPT))
    to = ("--url", url, "--token", "admin")
    published = await asyncio.to_thread(run, "publish", "script", *to, "--json")
    assert published.exit_code == 0, published.output
    assert json.loads(published.stdout)["version"] == "1.0.0"
    again = await asyncio.to_thread(run, "publish", "script", *to)
    assert again.stdout.startswith("run_script 1.0.0 is published, sha256:")

    refused = await asyncio.to_thread(run, "install", "shop", "run_script", *to, answer="n\n")
    assert refused.exit_code == 1
    assert "job:execute: To run the script." in refused.stderr
    short = await asyncio.to_thread(run, "install", "shop", "run_script", "--consent", "job:read", *to)
    assert short.exit_code == 1
    assert "consent_scopes: lacks job:execute - Show it to the person and consent to it" in short.stderr
    installed = await asyncio.to_thread(run, "install", "shop", "run_script", *to, answer="y\n")
    assert installed.exit_code == 0, installed.output
    assert installed.stdout.splitlines()[-4:] == [
        "run_script 1.0.0 is installed in shop",
        "  job.execute: applied",
        "  job.status: applied",
        "  job.log: applied",
    ]
    assert len(house.grant_desk.filed) == 3


async def test_a_changed_package_under_the_same_version_is_refused_in_words(
    run: Run, tmp_path: Path, served: tuple[str, MarketplaceHouse]
) -> None:
    url, _ = served
    _write(tmp_path / "find", files_of(FIND_HOST))
    assert (await asyncio.to_thread(run, "publish", "find", "--url", url, "--token", "admin")).exit_code == 0
    (tmp_path / "find" / "README.md").write_text("# Other\n")
    refused = await asyncio.to_thread(run, "publish", "find", "--url", url, "--token", "admin")
    assert refused.exit_code == 1
    assert "version: is published already - Raise it" in refused.stderr
    wrong = await asyncio.to_thread(run, "publish", "find", "--url", url, "--token", "wrong")
    assert (wrong.exit_code, "status 401" in wrong.stderr) == (1, True)


async def test_a_plugin_is_upgraded_rolled_back_denied_and_removed(
    run: Run, tmp_path: Path, served: tuple[str, MarketplaceHouse]
) -> None:
    url, _ = served
    more = manifest_of(FIND_HOST, version="1.1.0")
    more["inputs"]["properties"]["area"] = {"type": "string"}

    async def said(*arguments: str) -> str:
        result = await asyncio.to_thread(run, *arguments, "--url", url, "--token", "admin")
        assert result.exit_code == 0, result.output
        return result.stdout

    for name, manifest in (("old", FIND_HOST), ("new", more)):
        _write(tmp_path / name, files_of(manifest))
        await said("publish", name)
    await said("install", "shop", "find_host", "--version", "1.0.0", "--consent", "cmdb:read")
    assert await said("installs", "shop") == "find_host\t1.0.0\t1.1.0 is out\n"
    assert await said("upgrade", "shop", "find_host", "--plan") == "1.0.0 → 1.1.0:\n  inputs.area is new\n"
    assert (await said("upgrade", "shop", "find_host")).endswith("find_host 1.1.0 is installed\n")
    assert await said("rollback", "shop", "find_host") == "find_host 1.0.0 is installed\n"
    again = await asyncio.to_thread(run, "rollback", "shop", "find_host", "--url", url, "--token", "admin")
    assert (again.exit_code, "No upgrade of find_host" in again.stderr) == (1, True)
    (tmp_path / "policy.yaml").write_text("auto_update: patch\nrules: [{effect: deny, kinds: [component]}]\n")
    assert "auto_update: patch" in await said("policy", "policy.yaml", "--project", "shop")
    assert "kinds:\n  - component" in await said("policy", "--project", "shop")
    assert (await said("installs", "shop")).endswith("denies find_host: rule 1 denies it\n")
    assert await said("update", "shop") == "Nothing is to be followed\n"
    off = await said("disable", "find_host", "--project", "shop", "--reason", "it lies")
    assert off == "find_host is switched off by admin: it lies\n"
    assert await said("enable", "find_host", "--project", "shop") == "find_host is on\n"
    assert await said("remove", "shop", "find_host") == "find_host (all versions) is removed from shop\n"


def test_no_token_and_no_server_are_told(run: Run, tmp_path: Path) -> None:
    _write(tmp_path / "find", files_of(FIND_HOST))
    assert run("publish", "find").exit_code == 2
    away = run("publish", "find", "--url", "http://127.0.0.1:1", "--token", "x")
    assert (away.exit_code, "can't be reached" in away.stderr) == (1, True)
