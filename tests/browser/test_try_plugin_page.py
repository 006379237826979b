"""The page of `trunkline plugin serve`: an author fills a form in as flows draw it, and follows a run of the plugin."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from marketplace.authoring.python_draft import python_draft
from tests.support.browser import Pages
from tests.support.patience import eventually
from tests.support.server import free_port

_WAITS = """\
from trunkline_plugin import Context, InputsModel, OutputsModel, Plugin


class Waits(Plugin):
    class Meta:
        version = "2.0.0"
        desc = "waits to be called back"

    class Inputs(InputsModel):
        name: str = "nobody"

    class Outputs(OutputsModel):
        url: str
        said: str

    def execute(self, inputs: Inputs, context: Context) -> None:
        if context.invoke_count == 1:
            context.outputs["url"] = self.prepare_callback(context).url
            self.wait_callback()
            return
        context.outputs["said"] = context.callback.data["said"]
"""
_FORM = """\
$.atoms["greeter"] = [
    {tag_code: "name", type: "input", attrs: {name: "Name", validation: [{type: "required"}]}},
    {tag_code: "wait", type: "int", attrs: {name: "Seconds to wait", default: 0}, events: [
        {source: "name", type: "change", action: function (value) {
            if (value === "Ada") { this.hide(); } else { this.show(); }
        }}
    ]}
];
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[str]:
    """The address of a plugin that its author works on; nothing the page asks of it may be missing."""
    folder = tmp_path / "greeter"
    files = python_draft("greeter", "acme") | {
        "bk_plugin/versions/v2_0_0.py": _WAITS.encode(),
        "bk_plugin/forms/1.0.0/form.js": _FORM.encode(),
    }
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "trunkline", "plugin", "serve", str(folder), "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        eventually(lambda: httpx.get(f"{url}/bk_plugin/meta/").is_success)
        yield url
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def tried(pages: Pages, plugin: str) -> Iterator[Page]:
    with pages.open(plugin) as opened:
        missing: list[str] = []
        opened.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
        opened.reload()
        yield opened
        assert missing == []


def _choose(page: Page, version: str) -> None:
    page.get_by_test_id("plugin-version").click()
    page.get_by_role("option", name=version).click()


def test_a_form_is_drawn_as_flows_draw_it_in_both_languages(tried: Page) -> None:
    expect(tried.get_by_test_id("plugin-code")).to_have_text("greeter")
    _choose(tried, "1.0.0")
    wait, name = tried.locator("[data-tag=wait]"), tried.locator("[data-tag=name] input")
    expect(wait).to_contain_text("Seconds to wait")
    name.fill("Ada")
    expect(wait).to_be_hidden()
    name.fill("Bob")
    tried.get_by_test_id("language-zh").click()
    expect(wait).to_contain_text("等待时间（秒）")
    tried.get_by_test_id("plugin-run").click()
    expect(tried.get_by_test_id("run-state")).to_have_text("完成")
    expect(tried.get_by_test_id("run-outputs")).to_contain_text("Hello Bob")


def test_a_run_is_followed_while_it_waits_and_its_log_read(tried: Page) -> None:
    _choose(tried, "1.0.0")
    tried.locator("[data-tag=name] input").fill("Eve")
    tried.locator("[data-tag=wait] input").fill("1")
    tried.get_by_test_id("plugin-run").click()
    expect(tried.get_by_test_id("run-log")).to_contain_text("waiting 1 seconds")
    expect(tried.get_by_test_id("run-state")).to_have_text("done")
    expect(tried.get_by_test_id("run-outputs")).to_contain_text("Hello Eve")


def test_a_run_that_waits_for_a_callback_is_called_back(tried: Page) -> None:
    expect(tried.get_by_test_id("plugin-form").locator("input")).to_have_value("nobody")
    tried.get_by_test_id("plugin-run").click()
    expect(tried.get_by_test_id("run-state")).to_have_text("waits for a callback")
    tried.get_by_test_id("run-callback").locator("textarea").fill('{"said": "hello"}')
    tried.get_by_test_id("run-call").click()
    expect(tried.get_by_test_id("run-state")).to_have_text("done")
    expect(tried.get_by_test_id("run-outputs")).to_contain_text('"said": "hello"')


def test_a_form_that_cannot_be_read_is_told_and_drawn_from_the_inputs(tried: Page, tmp_path: Path) -> None:
    _choose(tried, "1.0.0")
    expect(tried.locator("[data-tag=name]")).to_be_visible()
    (tmp_path / "greeter/bk_plugin/forms/1.0.0/form.js").write_text("$.atoms.greeter = [", encoding="utf-8")
    expect(tried.get_by_test_id("form-problem")).to_contain_text("SyntaxError")
    expect(tried.get_by_test_id("plugin-form").locator("input").first).to_be_visible()
