"""The page on which an author tries a plugin."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import Pages
from tests.support.served_plugin import plugin_process, write_project
from tests.support.server import free_port

VERSION = """
class Inputs(InputsModel):
    name: str = Field(title="Name", description="who is greeted")
    loud: bool = Field(False, title="Loud")
    times: int = Field(1, title="Times")

def execute(self, inputs, context):
    logging.getLogger("bk_plugin").info("call %d", context.invoke_count)
    if context.state is State.EMPTY:
        context.outputs["url"] = self.prepare_callback(context).url
        self.wait_poll(0)
    elif context.state is State.POLL:
        self.wait_callback()
    else:
        greeting = f"hello {inputs.name}" * inputs.times
        context.outputs.update(greeting=greeting.upper() if inputs.loud else greeting, said=context.callback.data)
"""


@pytest.fixture
def page_of_plugin(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    with plugin_process(write_project(tmp_path, VERSION), port):
        yield f"http://127.0.0.1:{port}"


def test_a_plugin_is_run_polled_and_called_back_from_its_page(pages: Pages, page_of_plugin: str) -> None:
    with pages.open(page_of_plugin) as page:
        page.get_by_label("Name").fill("you")
        page.get_by_label("Loud").check()
        page.get_by_label("Times").fill("2")
        page.get_by_role("button", name="Run").click()
        expect(page.locator("#state")).to_have_text("waiting for a callback")
        page.get_by_label("Body").fill('{"done": true}')
        page.get_by_role("button", name="Call back").click()
        expect(page.locator("#called")).to_have_text("callback success")
        expect(page.locator("#state")).to_have_text("done")
        expect(page.locator("#outputs")).to_contain_text('"greeting": "HELLO YOUHELLO YOU"')
        expect(page.locator("#log")).to_have_text("INFO call 1\nINFO call 2\nINFO call 3")
        an_edited_version_is_drawn_anew(page)


def an_edited_version_is_drawn_anew(page: Page) -> None:
    def edited(route: Route) -> None:
        detail = route.fetch().json()
        detail["data"]["inputs"]["properties"]["colour"] = {"title": "Colour", "type": "string", "default": "red"}
        route.fulfill(json=detail)

    page.route("**/bk_plugin/detail/*", edited)
    expect(page.get_by_label("Colour")).to_have_value("red")
    expect(page.get_by_label("Name")).to_have_value("you")
    expect(page.get_by_label("Loud")).to_be_checked()
    page.unroute_all(behavior="ignoreErrors")
