"""Forms of BlueKing's plugins, in a real browser: each of the corpus is drawn and filled in as on its own page."""

import io
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import openpyxl
import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from tests.support import picking_plugin
from tests.support.browser import Pages
from tests.support.console import sign_in
from tests.support.legacy_forms import CONTEXT, CORPUS, HOSTILE, expectation
from tests.support.project import create_launcher, create_member, create_project, publish_flow, register_this_machine
from tests.support.stand import Stand

PASSWORD = "fay-tries-her-forms"
ADDRESSES = """cc_get_business_list/ cc_search_object_attribute/set/BIZ/ cc_search_object_attribute_all/host/BIZ/
    cc_search_create_object_attribute/set/BIZ/ cc_get_editable_module_attribute/BIZ/ cc_get_set_attribute/BIZ/
    cc_input_host_property/BIZ/ cc_search_status_options/BIZ/ cc_search_topo/module/normal/BIZ/ cc_search_topo_tree/BIZ/
    cc_get_mainline_object_topo/BIZ/ cc_search_host/BIZ/ cc_search_dynamic_group/BIZ/ cc_get_set_group/BIZ/
    cc_find_host_by_topo/BIZ/ cc_get_set/BIZ/ cc_get_set_list/BIZ/ cc_get_module/BIZ/SET/ job_get_script_list/BIZ/
    job_get_script_name_list/BIZ/ get_job_account_list/BIZ/ job_get_job_tasks_by_biz/BIZ/
    jobv3_get_job_template_list/BIZ/ jobv3_get_job_plan_list/BIZ/0/ jobv3_get_instance_list/BIZ/0/3/"""
FORM_DATA = f"/projects/places/plugins/{picking_plugin.CODE}/versions/1.0.0/form-data"


@pytest.fixture(scope="module")
def preview(pages: Pages, stand: Stand) -> Iterator[Page]:
    stand.api.post("/users", {"username": "fay", "password": PASSWORD, "display_name": "Fay", "is_admin": True})
    with pages.open(stand.url) as opened:
        sign_in(opened, "fay", PASSWORD)
        opened.goto(f"{stand.url}/form-preview")
        opened.get_by_test_id("form-context").fill(json.dumps(CONTEXT))
        yield opened


def show(page: Page, source: str) -> None:
    page.get_by_test_id("form-source").fill(source)
    page.get_by_test_id("form-show").click()
    expect(page.locator("[data-script=running]")).to_be_visible()


def by_name(name: str) -> str:
    return next(path for path in [*CORPUS, *HOSTILE] if path.stem == name).read_text(encoding="utf-8")


def wait_for_values(page: Page, expected: dict[str, object]) -> None:
    page.wait_for_function(
        """wanted => {
            const sorted = value => Array.isArray(value) ? value.map(sorted)
                : value && typeof value === 'object' ? Object.entries(value).sort().map(([k, v]) => [k, sorted(v)])
                : value
            const shown = document.querySelector('[data-testid=form-values] pre').textContent
            return JSON.stringify(sorted(JSON.parse(shown))) === JSON.stringify(sorted(wanted))
        }""",
        arg=expected,
    )


def field(page: Page, code: str) -> Locator:
    return page.locator(f"[data-tag='{code}']")


def pick(page: Page, code: str, option: str) -> None:
    field(page, code).locator(".el-select__wrapper").click()
    page.get_by_role("option", name=option, exact=True).click()


_AT_ONCE = 6
GROUPS = [CORPUS[start : start + _AT_ONCE] for start in range(0, len(CORPUS), _AT_ONCE)]


@pytest.mark.parametrize("paths", GROUPS, ids=lambda paths: f"{paths[0].stem}-{paths[-1].stem}")
def test_every_form_is_drawn_and_begins_with_the_values_of_its_own_page(preview: Page, paths: list[Path]) -> None:
    """Several files shown as one: each form runs in a world of its own all the same."""
    expected = {code_of(path): wanted(path) for path in paths}
    preview.get_by_test_id("form-source").fill("\n".join(path.read_text(encoding="utf-8") for path in paths))
    preview.get_by_test_id("form-show").click()
    preview.wait_for_function(
        """wanted => Object.entries(wanted).every(([code, { values, shown, hidden }]) => {
            const sorted = value => Array.isArray(value) ? value.map(sorted)
                : value && typeof value === 'object' ? Object.entries(value).sort().map(([k, v]) => [k, sorted(v)])
                : value
            const form = document.querySelector(`[data-form='${code}']`)
            if (form?.querySelector('[data-script=running]') == null) return false
            const now = JSON.parse(form.querySelector('[data-testid=form-values] pre').textContent)
            const visible = field => form.querySelector(`[data-tag='${field}']`)?.checkVisibility() === true
            return JSON.stringify(sorted(now)) === JSON.stringify(sorted(values))
                && shown.every(visible) && !hidden.some(visible)
        })""",
        arg=expected,
    )
    for code, one in expected.items():
        told = preview.locator(f"[data-form='{code}'] [data-testid=script-notes]")
        for text in one["told"]:
            expect(told).to_contain_text(text)


def code_of(path: Path) -> str:
    """The name a file registers its form under, first of several."""
    found = re.search(r"atoms(?:\.(\w+)|\[['\"](\w+)['\"]\])\s*=", path.read_text(encoding="utf-8"))
    assert found is not None, path
    return found[1] or found[2]


def wanted(path: Path) -> dict[str, list[str] | dict[str, object]]:
    expected = expectation(path)
    if path.stem == "timers":
        expected["values"]["late"] = "now"
    hidden = expected.get("hidden", [])
    told = ["BlueKing's page"] if expected.get("unsupported") else []
    told += ["Asked, and not sent from here: " + request.split("?")[0] for request in expected.get("requests", [])]
    shown = [] if path.stem == "unknown_parts" else [code for code in expected["values"] if code not in hidden]
    return {"values": expected["values"], "shown": shown, "hidden": hidden, "told": told}


def test_linked_fields_follow_what_is_chosen(preview: Page) -> None:
    show(preview, by_name("linked_selects"))
    pick(preview, "country", "Germany")
    pick(preview, "city", "Berlin")
    wait_for_values(preview, {"country": "de", "city": "be"})


def test_what_is_written_is_shown_by_itself_and_what_was_filled_in_stays(preview: Page) -> None:
    preview.get_by_test_id("form-source").fill(by_name("linked_selects"))
    expect(field(preview, "city")).to_be_visible()
    pick(preview, "country", "Germany")
    preview.get_by_test_id("form-show").click()
    preview.get_by_test_id("form-context").fill(json.dumps(CONTEXT))
    expect(field(preview, "country")).to_contain_text("Germany")
    preview.get_by_test_id("form-source").fill(by_name("datatable_pages"))
    table = field(preview, "hosts")
    expect(table.locator("[data-row]")).to_have_count(2)
    table.get_by_role("button", name="Go to next page").or_(table.locator(".btn-next")).first.click()
    expect(table.locator("[data-row]")).to_have_count(1)
    expect(table.get_by_role("button", name="Add")).to_have_count(0)


def test_fields_are_shown_and_hidden_by_the_script(preview: Page) -> None:
    show(preview, by_name("show_and_hide"))
    preview.get_by_text("File", exact=True).first.click()
    expect(field(preview, "file")).to_be_visible()
    expect(field(preview, "script")).to_be_hidden()


def test_buttons_blurs_and_cells_of_tables_reach_the_script(preview: Page) -> None:
    show(preview, by_name("without_values"))
    expect(field(preview, "go").locator("svg")).to_be_visible()
    assert field(preview, "hint").locator("pre").text_content() == "Press\n    the button."
    field(preview, "go").get_by_role("button").click()
    wait_for_values(preview, {"count": 1})
    show(preview, by_name("blur"))
    field(preview, "name").get_by_role("textbox").focus()
    field(preview, "slug").get_by_role("textbox").focus()
    wait_for_values(preview, {"name": "Web", "slug": "web"})
    show(preview, by_name("datatable_column_events"))
    pick(preview, "jobs.0.kind", "Python")
    wait_for_values(preview, {"jobs": [{"kind": "python", "body": "print()"}]})


def test_lines_of_a_table_are_saved_as_a_workbook_and_read_again(preview: Page) -> None:
    show(preview, by_name("datatable_buttons"))
    buttons = preview.locator(".buttons")
    buttons.get_by_role("button", name="Add", exact=True).click()
    field(preview, "rows.0.name").get_by_role("textbox").fill("=1+1")
    wait_for_values(preview, {"rows": [{"name": "=1+1"}]})
    with preview.expect_download() as saved:
        buttons.get_by_role("button", name="Export", exact=True).click()
    assert saved.value.suggested_filename == "rows.xlsx"
    content = saved.value.path().read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet.rows] == [[("name", "s")], [("=1+1", "s")]]
    large = _workbook(
        [["name", *(f"column {n}" for n in range(20))], ["a", *(f"{n}{'a' * 30_000}" for n in range(20))]]
    )
    for file, names in ((content, ["=1+1", "=1+1"]), (large, ["=1+1", "=1+1", "a"])):
        buttons.locator("input").set_input_files([{"name": "rows.xlsx", "mimeType": "", "buffer": file}])
        wait_for_values(preview, {"rows": [{"name": name} for name in names]})
    buttons.locator("input").set_input_files([{"name": "rows.xlsx", "mimeType": "", "buffer": b"name\nx"}])
    expect(preview.get_by_text("This file is no workbook that can be read")).to_be_visible()


def _workbook(lines: list[list[str]]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for line in lines:
        book.worksheets[0].append(line)
    book.save(content)
    return content.getvalue()


def test_code_is_coloured_by_its_language_and_marks_what_stands_for_something_else(preview: Page) -> None:
    show(preview, by_name("code_editor").replace("variable_render: false", "variable_render: true"))
    editor = field(preview, "code").get_by_test_id("code-editor")
    expect(editor.locator(".cm-line span").first).to_be_visible()
    code = editor.get_by_role("textbox", name="Code")
    code.press("ControlOrMeta+End")
    code.press_sequentially(" # ${host}")
    wait_for_values(preview, {"code": "print(1) # ${host}"})
    expect(editor.locator(".reference")).to_have_text("${host}")
    code.press("Enter")
    code.press("Tab")
    wait_for_values(preview, {"code": "print(1) # ${host}\n    "})
    code.press("Escape")
    code.press("Tab")
    expect(code).not_to_be_focused()
    field(preview, "code").locator(".el-select__wrapper").click()
    preview.get_by_role("option", name="shell", exact=True).click()
    expect(editor).to_have_attribute("data-language", "shell")


LINES = """$.atoms.lines = [{tag_code: "lines", type: "datatable", attrs: {
    name: "Lines", row_draggable: true, value: [{name: "a", key: 1}, {name: "b", key: 2}, {name: "c", key: 3}],
    columns: [{tag_code: "name", type: "input", attrs: {name: "Name"}}]}}];"""


def test_lines_of_a_table_are_drawn_to_another_place_with_all_they_hold(preview: Page) -> None:
    first, second, third = [{"name": name, "key": key} for key, name in enumerate("abc", 1)]
    show(preview, LINES)
    table = field(preview, "lines")
    grips = table.get_by_role("button", name="drag it to another place")
    expect(grips).to_have_count(3)
    grips.first.drag_to(table.locator("[data-row='2']"))
    wait_for_values(preview, {"lines": [second, third, first]})
    grips.last.focus()
    preview.keyboard.press("ArrowUp")
    wait_for_values(preview, {"lines": [second, first, third]})
    preview.keyboard.press("ArrowUp")
    wait_for_values(preview, {"lines": [first, second, third]})
    expect(grips.first).to_be_focused()
    preview.keyboard.press("ArrowUp")
    field(preview, "lines.0.name").get_by_role("textbox").fill("z")
    wait_for_values(preview, {"lines": [{**first, "name": "z"}, second, third]})


def test_what_a_form_draws_stands_in_a_frame_that_reaches_nothing(preview: Page) -> None:
    show(preview, by_name("page_drawing"))
    frame = preview.frame_locator("[data-testid=form-frame]")
    expect(frame.get_by_text("Pick a colour")).to_be_visible()
    expect(field(preview, "note")).to_be_hidden()
    refused = ["SecurityError", "SecurityError", "TypeError", "SecurityError"]
    assert _frame(preview).evaluate(ATTEMPTS, preview.url) == refused
    wait_for_values(preview, {"colour": "", "note": ""})
    frame.get_by_role("button", name="Red").click()
    expect(frame.get_by_text("It is red")).to_be_visible()
    wait_for_values(preview, {"colour": "red", "note": ""})
    expect(field(preview, "note")).to_be_visible()


def _frame(preview: Page) -> Frame:
    """The one that stands there now: the page's list keeps that of the form before for a moment."""
    frame = preview.get_by_test_id("form-frame").element_handle().content_frame()
    assert frame is not None
    return frame


ATTEMPTS = """async page => {
    const fails = async attempt => { try { await attempt(); return '' } catch (error) { return error.name } }
    parent.postMessage({kind: 'event', secret: 'guessed', node: 1, type: 'click', value: '', checked: false}, '*')
    return [await fails(() => parent.document.title), await fails(() => localStorage.length),
        await fails(() => fetch(page)), await fails(() => { top.location.href = 'https://example.com/' })]
}"""


@pytest.mark.parametrize("name", ["page_escape", "exfiltration", "page_drawn"])
def test_a_hostile_form_reaches_neither_page_nor_network(preview: Page, name: str) -> None:
    asked: list[str] = []
    preview.on("request", lambda request: asked.append(request.url))
    before = preview.url
    show(preview, by_name(name))
    wait_for_values(preview, {"x": ""})
    if name == "page_drawn":
        expect(preview.frame_locator("[data-testid=form-frame]").get_by_text("drawn").first).to_be_visible()
    assert not [url for url in asked if "example.com" in url]
    assert preview.url == before
    assert preview.locator("img[src=x]").count() == 0
    expect(preview.locator("iframe")).to_have_count(1 if name == "page_drawn" else 0)
    if name == "page_drawn":
        assert _frame(preview).url == "about:srcdoc"


def test_a_script_that_never_ends_is_ended_and_the_page_lives_on(preview: Page) -> None:
    preview.get_by_test_id("form-source").fill(by_name("endless_init"))
    preview.get_by_test_id("form-show").click()
    expect(preview.locator("[data-script=stopped]")).to_contain_text("can still be filled in")
    show(preview, by_name("radio"))


def test_the_report_tells_what_becomes_of_each_part(preview: Page) -> None:
    show(preview, by_name("unknown_parts"))
    preview.get_by_role("tab", name="Report").click()
    expect(preview.get_by_test_id("form-report")).to_contain_text("is no attribute of input")
    preview.get_by_role("tab", name="Form", exact=True).click()


@pytest.fixture(scope="module")
def places(stand: Stand) -> tuple[int, int, str, str]:
    """Business, set, the machine's address, and a flow with a node to fill in."""
    business, address = register_this_machine(stand.url, stand.token)
    headers = {"Authorization": f"Bearer {stand.token}"}
    body = {"bk_biz_id": business, "data": {"bk_set_name": "south"}}
    made = httpx.post(f"{stand.url}/api/cmdb/prod/create_set", json=body, headers=headers).json()["data"]["bk_set_id"]
    create_project(stand.api, "places")
    stand.api.upload("/plugins", picking_plugin.archive(business))
    body = {"plugin": picking_plugin.CODE, "version": "1.0.0", "consent_scopes": picking_plugin.SCOPES}
    for grant in stand.api.post("/projects/places/installs", body)["grants"]:
        if grant["state"] == "applied":
            stand.api.post(f"/grants/{grant['id']}:approve", {"comment": ""})
    create_member(stand.api, "places", "dora", "dora-writes-flows", "developer", "maintainer")
    pick = {"id": "pick", "kind": "plugin", "plugin": picking_plugin.CODE, "version": "1.0.0", "inputs": {"set": 1}}
    definition = {
        "nodes": [{"id": "start", "kind": "start"}, {**pick, "name": "Pick"}, {"id": "end", "kind": "end"}],
        "edges": [
            {"id": f"e{n}", "source": a, "target": b} for n, (a, b) in enumerate(pairwise(("start", "pick", "end")))
        ],
    }
    flow = publish_flow(stand.api, "places", "Pick places", definition)
    create_launcher(stand.api, flow, "lena", "lena-only-launches")
    return business, made, address, flow


def test_every_address_that_is_answered_is_answered_by_the_systems(
    stand: Stand, places: tuple[int, int, str, str]
) -> None:
    business, made, address, _ = places
    answers = {}
    for text in ADDRESSES.split():
        url = "/forms/pipeline/" + text.replace("BIZ", str(business)).replace("SET", str(made))
        answers[text] = stand.api.post(FORM_DATA, {"url": url})["data"]
    assert [text for text, answer in answers.items() if answer["result"] is not True] == []
    assert {"text": "south", "value": made} in answers["cc_get_set/BIZ/"]["data"]
    assert [host["bk_host_innerip"] for host in answers["cc_search_host/BIZ/"]["data"]] == [address]
    assert answers["cc_search_topo/module/normal/BIZ/"]["data"][0]["children"][0]["label"] == "south"


def test_a_node_is_filled_in_by_its_form_and_what_a_field_is_bound_to_is_asked_at_launch(
    page: Page, stand: Stand, places: tuple[int, int, str, str]
) -> None:
    _, made, address, flow = places
    sign_in(page, "dora", "dora-writes-flows")
    page.goto(f"{stand.url}/flows/{flow}")
    page.get_by_test_id("flow-revision").click()
    page.get_by_role("option", name="Draft").click()
    page.locator("[data-id=pick]").click()
    expect(page.locator("[data-script=running]")).to_be_visible()
    expect(page.get_by_test_id("script-notes")).to_contain_text("/v1/users is nothing forms are answered here")

    pick(page, "biz", "Operations")
    first = page.locator("[data-tag=first] input")
    expect(first).to_have_value("south NODE_CONFIG")
    pick(page, "set", "south")
    page.locator("[data-tag=hosts] .el-select__wrapper").first.click()
    page.get_by_role("option").filter(has_text=address).click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("hook-spy")).to_have_count(0)
    pick_file = page.locator("[data-tag=files] input[type=file]")
    pick_file.set_input_files([{"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}])
    send = page.locator("[data-tag=files]").get_by_role("button", name="Send 1 file", exact=True)
    send.click()
    expect(page.locator("[data-tag=files]")).to_contain_text("The form does not take empty.txt")
    pick_file.set_input_files([{"name": "motd.txt", "mimeType": "text/plain", "buffer": b"hello"}])
    expect(page.get_by_test_id("files-waiting")).to_contain_text("motd.txt")
    with page.expect_request("**/form-files") as sent:
        send.click()
    assert sent.value.post_data_json["headers"] == {"Upload-Ticket": "t1"}
    expect(page.get_by_test_id("script-notes")).to_contain_text("Not sent with files: the headers X-CSRFToken")
    expect(page.locator("[data-tag=files] li")).to_contain_text("motd.txt")
    expect(pick_file).to_have_count(0)
    page.get_by_test_id("hook-biz").click()
    expect(page.get_by_test_id("node-state")).to_contain_text("Saved")

    draft = stand.api.get(f"/flows/{flow}/draft")["definition"]
    inputs = next(node for node in draft["nodes"] if node["id"] == "pick")["inputs"]
    assert (inputs["biz"], inputs["set"], inputs["first"]) == ("${inputs.biz}", made, "south NODE_CONFIG")
    assert [host["bk_host_innerip"] for host in inputs["hosts"]["ip"]] == [address]
    (kept,) = inputs["files"]
    assert (kept["name"], kept["size"], kept["path"]) == ("motd.txt", 5, kept["response"]["tag"]["tags"]["path"])
    assert draft["form"]["uischema"]["elements"][-1]["options"]["source"]["field"] == "biz"
    stand.api.post(f"/flows/{flow}:publish", {"comment": "bound"})


def test_who_only_launches_is_asked_with_the_choices_of_the_form(
    page: Page, stand: Stand, places: tuple[int, int, str, str]
) -> None:
    sign_in(page, "lena", "lena-only-launches")
    page.get_by_test_id("launch-card").filter(has_text="Pick places").click()
    expect(page.locator("[data-script=running] [data-tag=biz]")).to_be_visible()
    pick(page, "biz", "Operations")
    page.get_by_test_id("launch-submit").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
