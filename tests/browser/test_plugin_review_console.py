"""Versions that wait until somebody else has looked at them, in a real browser."""

import shutil
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import open_tab, sign_in
from tests.support.forking import Nursery
from tests.support.packages import FIND_HOST, archive_of, manifest_of
from tests.support.server import ServerProcess
from tests.support.stand import Furnished, Stand, fetch_token

PUBLISHERS_PASSWORD = "pat-publishes-plugins"
REVIEWERS_PASSWORD = "kim-looks-at-versions"
CALL = {**FIND_HOST["component"]["call"], "component": "cmdb.search_business", "path": {}, "body": {}}


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, furnished: Furnished) -> Iterator[Stand]:
    """Versions that ask for more wait; `pat` publishes, `kim` may approve."""
    data = shutil.copytree(furnished.data_dir, tmp_path_factory.mktemp("review") / "data")
    server = ServerProcess(data, furnished.port, {"TRUNKLINE_PLUGIN_REVIEW": "growth"}, nursery=nursery)
    server.start()
    api = server.admin()
    api.post("/users", {"username": "pat", "password": PUBLISHERS_PASSWORD, "display_name": "Pat"})
    api.put("/roles?resource=platform", {"username": "pat", "roles": ["publisher"]})
    api.post("/users", {"username": "kim", "password": REVIEWERS_PASSWORD, "display_name": "Kim", "is_admin": True})
    token = fetch_token(server.url, "caller", furnished.app_secret)
    yield Stand(server, api, "caller", furnished.app_secret, token)
    api.close()
    assert server.stop() in {0, -signal.SIGTERM}


def _publish(page: Page, stand: Stand, manifest: dict[str, Any]) -> None:
    page.goto(f"{stand.url}/catalogue")
    page.get_by_test_id("plugin-publish").click()
    packed = {"name": "plugin.zip", "mimeType": "application/zip", "buffer": archive_of(manifest)}
    page.get_by_test_id("file").set_input_files(packed)
    page.get_by_test_id("plugin-publish-submit").click()


def test_a_version_that_asks_for_more_waits_until_somebody_else_has_looked_at_it(page: Page, stand: Stand) -> None:
    component = {**FIND_HOST["component"], "call": CALL, "outputs": {}}
    first = manifest_of(FIND_HOST, code="grow_host", publisher="pats_house", component=component)
    more = {"scope": "cmdb.search_business", "reason": {"en": "To look further.", "zh": "用于更多查询。"}}
    grown = manifest_of(first, version="1.1.0", scopes=[*first["scopes"], more])

    sign_in(page, "pat", PUBLISHERS_PASSWORD)
    _publish(page, stand, first)
    page.wait_for_url("**/catalogue/grow_host?version=1.0.0")
    _publish(page, stand, grown)
    page.wait_for_url("**/plugin-review")
    waiting = page.get_by_test_id("submission").filter(has_text="grow_host 1.1.0")
    expect(waiting).to_contain_text("asks for cmdb.search_business")
    expect(waiting.get_by_test_id("submission-withdraw")).to_be_visible()
    expect(waiting.get_by_test_id("submission-approve")).to_have_count(0)
    assert stand.api.get("/plugins/grow_host")["latest_version"] == "1.0.0"
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("sign-out").click()

    sign_in(page, "kim", REVIEWERS_PASSWORD)
    page.goto(f"{stand.url}/plugin-review")
    expect(waiting.get_by_test_id("submission-changes")).to_contain_text("cmdb.search_business")
    waiting.get_by_test_id("submission-try").click()
    expect(waiting.get_by_role("textbox", name="Address")).to_be_visible()
    waiting.get_by_test_id("submission-comment").fill("It only reads.")
    waiting.get_by_test_id("submission-approve").click()
    expect(waiting).to_have_count(0)
    open_tab(page, "Approved")
    expect(waiting).to_contain_text("It only reads.")
    page.goto(f"{stand.url}/catalogue/grow_host")
    expect(page.get_by_test_id("plugin-version")).to_contain_text("1.1.0")
