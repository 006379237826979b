"""The switches for BlueKing's clients from the command line."""

import json

from typer.testing import CliRunner

from tests.functional.blueking.conftest import Site
from trunkline.cli import app


def run(site: Site, *words: str, code: int = 0) -> str:
    token = (site.server.data_dir / "cli-token").read_text().strip()
    done = CliRunner().invoke(app, [*words, "--url", site.url, "--token", token])
    assert done.exit_code == code, done.output
    return done.output


def test_an_app_is_made_to_sign_and_permitted_to_name_its_user(site: Site) -> None:
    made = json.loads(run(site, "app", "create", "habits", "--may-sign", "--json"))
    assert (made["may_sign"], made["may_name_user"]) == (True, False)
    assert "names its users" in run(site, "app", "change", "habits", "--may-name-user", "--no-may-sign")
    assert site.api.get("/apps/habits")["may_sign"] is False


def test_a_system_goes_along_with_habits(site: Site) -> None:
    assert run(site, "system", "compatibility", "bk-demo") == "self_service\tno\nparameter_credentials\tno\n"
    assert "self_service\tyes" in run(site, "system", "compatibility", "bk-demo", "--self-service")
    assert "self_service\tno" in run(site, "system", "compatibility", "bk-demo", "--no-self-service")


def test_an_app_is_related_to_a_system_and_no_longer(site: Site) -> None:
    assert "manages bk-demo" in run(site, "system", "relate", "bk-demo", "caller")
    assert [each["app_code"] for each in site.api.get("/systems/bk-demo/related-apps")["items"]] == ["caller"]
    run(site, "system", "relate", "bk-demo", "caller", "--remove")
    assert "not related" in run(site, "system", "relate", "bk-demo", "caller", "--remove", code=1)
