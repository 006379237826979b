"""A flow drawn in the console: put together, joined, mended, given a form, published and run."""

from playwright.sync_api import Page, expect

from tests.support.console import choose, open_tab, sign_in
from tests.support.project import create_member, create_project
from tests.support.stand import Stand

PASSWORD = "hal-may-draw"


def test_a_flow_is_drawn_from_nothing_published_and_run(page: Page, stand: Stand) -> None:
    create_project(stand.api, "drawn", "job/plugins/job_run_script")
    create_member(stand.api, "drawn", "hal", PASSWORD, "maintainer")
    flow = stand.api.post("/projects/drawn/flows", {"name": "Drawn", "description": ""})["id"]
    sign_in(page, "hal", PASSWORD)
    page.goto(f"{stand.url}/flows/{flow}")
    good = page.get_by_test_id("draft-good")
    page.get_by_test_id("add-expression").click()
    page.get_by_test_id("value-add").click()
    page.get_by_test_id("value-name").fill("sum")
    page.get_by_test_id("value-expression").fill("1 + 1")
    page.get_by_test_id("settings-save").click()
    put_in_and_take_out(page)
    page.get_by_test_id("node-expression").click()
    page.get_by_test_id("add-exclusive").click()
    page.get_by_test_id("node-name").fill("Enough?")
    page.get_by_test_id("settings-save").click()
    expect(page.get_by_test_id("settings-state")).to_contain_text("Saved")
    page.get_by_test_id("add-timer").drag_to(page.get_by_test_id("flow-canvas"), target_position={"x": 60, "y": 420})
    page.get_by_test_id("timer-seconds").fill("0.1")
    page.get_by_test_id("settings-save").click()
    expect(page.get_by_test_id("draft-problems")).to_be_visible()
    join_nodes(page, "exclusive", "timer")
    join_nodes(page, "timer", "end")
    give_conditions(page)
    expect(good).to_be_visible()
    page.get_by_test_id("node-timer").click()
    page.get_by_test_id("flow-canvas").press("Delete")
    expect(page.get_by_test_id("node-timer")).to_have_count(0)
    expect(page.get_by_test_id("flow-canvas")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.get_by_test_id("node-timer")).to_be_visible()
    expect(good).to_be_visible()
    design_form(page)
    page.get_by_test_id("flow-publish").click()
    page.get_by_test_id("publish-submit").click()
    page.get_by_test_id("flow-launch").click()
    page.get_by_test_id("launch-submit").click()
    expect(page.get_by_test_id("launch-form")).to_contain_text("Which host")
    page.get_by_label("Which host").fill("db1")
    page.get_by_test_id("launch-submit").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_test_id("node-timer")).to_have_attribute("data-state", "FINISHED")


def design_form(page: Page) -> None:
    """Two inputs: one that must be given, one to choose, which is then asked first."""
    open_tab(page, "Launch form")
    name = page.get_by_test_id("field-name")
    name.fill("2nd")
    expect(page.get_by_role("alert")).to_contain_text("not a digit first")
    name.fill("host")
    name.press("Enter")
    page.get_by_test_id("field-title").fill("Which host")
    rename_and_take_back(page)
    page.get_by_test_id("field-required").click()
    name.fill("how")
    name.press("Enter")
    choose(page, "field-kind", "One of several")
    page.get_by_test_id("choice-value").fill("softly")
    page.get_by_test_id("field-how").get_by_test_id("field-up").click()
    page.get_by_test_id("form-save").click()
    expect(page.get_by_test_id("form-state")).to_contain_text("Saved")
    fields = page.locator("section[data-testid^=field-]")
    expect(fields.first).to_contain_text("how")


def rename_and_take_back(page: Page) -> None:
    """The input `host`, which is open."""
    name = page.get_by_test_id("field-rename")
    name.fill("a b")
    expect(page.get_by_test_id("field-rename-submit")).to_be_disabled()
    name.fill("machine")
    name.press("Enter")
    expect(page.locator("section[data-testid=field-machine]")).to_contain_text("Which host")
    page.get_by_test_id("form-undo").click()
    page.locator("section[data-testid=field-host]").get_by_role("button", name="Which host").click()
    expect(page.get_by_test_id("field-title")).to_have_value("Which host")


def test_a_node_is_moved_by_more_than_a_click_trembles(page: Page, stand: Stand) -> None:
    flow = drawn_flow(page, stand, "trembling", "ivy")
    box = page.locator("[data-id=start]").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for far, placed in ((6, False), (40, True)):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + far, y, steps=4)
        page.mouse.up()
        if placed:
            expect(page.get_by_test_id("drawing-state")).to_contain_text("Saved")
        else:
            expect(page.get_by_test_id("flow-undo")).to_be_disabled()
        assert ("layout" in stand.api.get(f"/flows/{flow}/draft")["definition"]) == placed


def test_what_somebody_else_drew_is_kept_and_is_no_step_to_take_back(page: Page, stand: Stand) -> None:
    flow = drawn_flow(page, stand, "together", "jan")
    page.get_by_test_id("add-timer").click()
    expect(page.get_by_test_id("drawing-state")).to_contain_text("Saved")
    draft = stand.api.get(f"/flows/{flow}/draft")
    theirs = draft["definition"]
    theirs["nodes"].append({"id": "theirs", "kind": "expression", "values": {"x": "1"}})
    stand.api.put(f"/flows/{flow}/draft", {"definition": theirs, "draft_version": draft["draft_version"]})
    page.get_by_test_id("add-confirm").click()
    expect(page.get_by_test_id("stale-draft")).to_contain_text("saved this draft meanwhile")
    page.get_by_test_id("flow-publish").click()
    expect(page.get_by_text("Something on this page is not saved yet")).to_be_visible()
    expect(page.get_by_test_id("publish-submit")).to_be_disabled()
    page.keyboard.press("Escape")
    page.get_by_test_id("stale-theirs").click()
    expect(page.get_by_test_id("node-theirs")).to_be_visible()
    expect(page.get_by_test_id("node-confirm")).to_have_count(0)
    expect(page.get_by_test_id("flow-undo")).to_be_disabled()


def drawn_flow(page: Page, stand: Stand, project: str, person: str) -> str:
    """A flow that has only begun, in front of somebody who may draw it."""
    create_project(stand.api, project)
    create_member(stand.api, project, person, PASSWORD, "maintainer")
    flow: str = stand.api.post(f"/projects/{project}/flows", {"name": "Drawn", "description": ""})["id"]
    sign_in(page, person, PASSWORD)
    page.goto(f"{stand.url}/flows/{flow}")
    expect(page.get_by_test_id("draft-problems").or_(page.get_by_test_id("draft-good"))).to_be_visible()
    return flow


def join_nodes(page: Page, source: str, target: str) -> None:
    """Carries a line from the handle of one to that of the other."""
    edges = page.locator(".vue-flow__edge")
    before = edges.count()
    start = page.locator(f"[data-id={source}] .vue-flow__handle.source")
    start.hover()
    page.mouse.down()
    page.locator(f"[data-id={target}] .vue-flow__handle.target").hover()
    page.mouse.up()
    expect(edges).to_have_count(before + 1)


def put_in_and_take_out(page: Page) -> None:
    """What has only begun is kept although it lacks what it can't be published without."""
    for kind, field in (("notify", "notice-title"), ("subflow", "node-flow")):
        page.get_by_test_id(f"add-{kind}").click()
        expect(page.get_by_test_id(field)).to_be_visible()
        page.get_by_test_id("flow-remove").click()


def give_conditions(page: Page) -> None:
    """To one way by the node's list of them, to the other by the problem that leads there."""
    page.get_by_test_id("node-exclusive").click()
    page.get_by_test_id("node-way").filter(has_text="timer").click()
    page.get_by_test_id("edge-condition").fill("nodes.expression.outputs.sum > 1")
    page.get_by_test_id("edge-save").click()
    page.get_by_test_id("draft-problems").click()
    problem = page.get_by_test_id("draft-problem")
    expect(problem).to_have_count(1)
    problem.click()
    page.get_by_test_id("edge-default").click()
    page.get_by_test_id("edge-save").click()
