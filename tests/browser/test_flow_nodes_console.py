"""Nodes of every kind in the console: drawn with their names, held, and decided by a person."""

import re

import pytest
from playwright.sync_api import Page, expect

from marketplace.package.package import read_package
from tests.support.console import choose, confirm, open_tab, sign_in
from tests.support.console_starts import changed_by_another, started_by_itself
from tests.support.patience import eventually
from tests.support.project import create_member, create_project, publish_flow
from tests.support.stand import Stand

NAME, PASSWORD = "carol", "carol-may-operate"
FORM = {
    "schema": {
        "type": "object",
        "properties": {"window": {"type": "string", "title": "Window"}},
        "required": ["window"],
    }
}
INNER = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "sum", "kind": "expression", "values": {"x": "1 + 1"}},
        {"id": "end", "kind": "end"},
    ],
    "edges": [{"id": "e1", "source": "start", "target": "sum"}, {"id": "e2", "source": "sum", "target": "end"}],
}
EDGES = (
    "start>sure sure>some some>twice?true some>pause?true twice>meet pause>meet meet>each each>ask ask>how"
    " how>sure?nodes.sure.loop>5 how>told? told>end"
)


def flow(inner: str) -> dict[str, object]:
    edges = []
    for number, way in enumerate(EDGES.split()):
        ends, asks, condition = way.partition("?")
        source, _, target = ends.partition(">")
        settings = {"condition": condition} if condition else {"default": True} if asks else {}
        edges.append({"id": f"e{number}", "source": source, "target": target, **settings})
    return {
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "sure", "kind": "confirm", "name": "Sure?", "message": "Shall we go on?"},
            {"id": "some", "kind": "inclusive"},
            {"id": "twice", "kind": "subflow", "name": "Compute it", "flow": inner},
            {"id": "pause", "kind": "timer", "name": "Take a breath", "seconds": 0.2},
            {"id": "meet", "kind": "join"},
            {"id": "each", "kind": "map", "name": "Once for each", "flow": inner, "items": [1, 2], "parallel": 2},
            {"id": "ask", "kind": "approval", "name": "Approve it", "approvers": [NAME], "form": FORM},
            {"id": "how", "kind": "exclusive"},
            {"id": "told", "kind": "wait", "name": "Wait for news", "timeout": {"seconds": 1, "action": "skip"}},
            {"id": "end", "kind": "end"},
        ],
        "edges": edges,
    }


@pytest.fixture(scope="module", autouse=True)
def _launchable(stand: Stand) -> None:
    create_project(stand.api, "kinds", "job/plugins/job_run_script")
    inner = publish_flow(stand.api, "kinds", "Sum", INNER)
    publish_flow(stand.api, "kinds", "All kinds", flow(inner))
    create_member(stand.api, "kinds", NAME, PASSWORD, "operator")


def test_a_flow_of_every_kind_is_drawn_decided_and_held_in_the_console(page: Page) -> None:
    sign_in(page, NAME, PASSWORD)
    page.get_by_test_id("launch-card").filter(has_text="All kinds").click()
    page.get_by_test_id("launch-submit").click()
    sure = page.get_by_test_id("node-sure")
    expect(sure).to_have_attribute("data-state", "WAITING_DECISION")
    page.get_by_test_id("node-each").click()
    page.get_by_test_id("node-hold").click()
    expect(page.get_by_test_id("node-each")).to_contain_text("will be held")
    sure.click()
    expect(page.get_by_test_id("node-decision")).to_contain_text("Shall we go on?")
    page.get_by_test_id("decide-yes").click()
    each = page.get_by_test_id("node-each")
    expect(each).to_have_attribute("data-state", "SUSPENDED")
    each.click()
    page.get_by_test_id("node-release").click()
    ask = page.get_by_test_id("node-ask")
    expect(ask).to_have_attribute("data-state", "WAITING_DECISION")
    ask.click()
    decision = page.get_by_test_id("node-decision")
    page.get_by_test_id("decide-yes").click()
    expect(decision).to_contain_text("missing")
    decision.get_by_label("Window").fill("tonight")
    page.get_by_test_id("decide-yes").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_test_id("node-told")).to_have_attribute("data-state", "SKIPPED")
    each.click()
    page.get_by_test_id("node-inner").filter(has_text="Item 2").click()
    page.get_by_test_id("node-inner").filter(has_text="sum").click()
    expect(page.get_by_test_id("node-panel")).to_contain_text("each[1].sum")
    expect(page.get_by_test_id("node-rerun")).to_have_count(0)
    page.get_by_test_id("node-outer").click()
    expect(page.get_by_test_id("node-outer")).to_contain_text("Back to each")
    run_again_from_inside(page)


def run_again_from_inside(page: Page) -> None:
    """A task that begins at the node in the subflow, and comes to where people are asked."""
    first = page.url
    page.get_by_test_id("node-twice").click()
    page.get_by_test_id("node-inner").filter(has_text="sum").click()
    page.get_by_test_id("node-rerun").click()
    expect(page.get_by_role("dialog")).to_contain_text("inputs of the subflow")
    page.get_by_test_id("rerun-submit").click()
    expect(page).not_to_have_url(first)
    expect(page.get_by_test_id("node-sure")).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_test_id("node-ask")).to_have_attribute("data-state", "WAITING_DECISION")


def test_a_flow_starts_by_itself_as_is_set_in_the_console(page: Page, stand: Stand) -> None:
    create_member(stand.api, "kinds", "dora", PASSWORD, "developer")
    stand.api.post("/users", {"username": "thea", "display_name": "Dorothea"})
    sign_in(page, "dora", PASSWORD)
    page.goto(f"{stand.url}/schedules")
    page.get_by_test_id("schedule-new").click()
    choose(page, "schedule-flow", "Sum · Kinds")
    page.get_by_test_id("schedule-name").fill("Sum nightly")
    page.get_by_test_id("schedule-cron").fill("61 3 * * *")
    expect(page.get_by_text("can't be read: bad minute")).to_be_visible()
    page.get_by_test_id("schedule-cron").fill("0 3 * * *")
    expect(page.get_by_test_id("schedule-preview").locator("li")).to_have_count(5)
    page.get_by_test_id("schedule-save").click()
    row = page.get_by_test_id("schedules").locator("tbody tr").filter(has_text="Sum nightly")
    expect(row).to_contain_text("0 3 * * *")
    row.get_by_test_id("schedule-run-now").click()
    expect(page.get_by_test_id("schedule-run")).to_have_attribute("data-outcome", "started")
    page.keyboard.press("Escape")
    changed_by_another(page, stand, row)
    switch = row.get_by_test_id("schedule-switch")
    switch.click()
    expect(switch).not_to_have_class(re.compile("is-checked"))
    page.get_by_role("link", name="Triggers").first.click()
    page.get_by_test_id("trigger-new").click()
    choose(page, "trigger-flow", "Sum")
    page.get_by_test_id("trigger-kind").get_by_text("An address is called").click()
    page.get_by_test_id("trigger-name").fill("Alarms")
    page.get_by_test_id("trigger-condition").fill("event.level > 2")
    page.get_by_test_id("trigger-save").click()
    expect(page.get_by_text("refers to 'event', which isn't there")).to_be_visible()
    page.get_by_test_id("trigger-condition").fill("payload.level > 2")
    page.get_by_text("Try it on a sample").click()
    outcome = page.get_by_test_id("trigger-trial")
    for level, passes in (("1", "false"), ("3", "true")):
        page.get_by_test_id("trigger-sample").locator("textarea").fill(f'{{"level": {level}}}')
        page.get_by_test_id("trigger-try").click()
        expect(outcome).to_have_attribute("data-passes", passes)
    page.get_by_test_id("trigger-save").click()
    expect(page.get_by_test_id("secret")).to_contain_text("whsec_")
    expect(page.get_by_test_id("triggers")).to_contain_text("/v1/hooks/")
    page.get_by_test_id("triggers").get_by_role("link", name="Sum").click()
    page.get_by_test_id("flow-notices").click()
    page.get_by_test_id("notice-events").get_by_text("have failed").click()
    page.get_by_test_id("people-choice").locator("input").press_sequentially("doro")
    page.get_by_role("option", name="Dorothea (thea)").click()
    page.keyboard.press("Escape")
    page.get_by_test_id("notice-save").click()
    expect(page.get_by_text("Counts for tasks launched from now on.")).to_be_visible()
    kept = stand.api.get(f"/flows/{page.url.rpartition('/')[2]}/notices")
    assert (kept["events"], kept["people"]) == (["failed"], ["thea"])


KEPT = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "sum", "kind": "expression", "name": "Sum", "values": {"x": "1 + 1"}},
        {"id": "end", "kind": "end"},
    ],
    "edges": [{"id": "e1", "source": "start", "target": "sum"}, {"id": "e2", "source": "sum", "target": "end"}],
}
MORE = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "sum", "kind": "expression", "name": "Sum", "values": {"x": "1 + 2"}},
        {"id": "more", "kind": "expression", "name": "More", "values": {"y": "3"}, "optional": True},
        {"id": "end", "kind": "end"},
    ],
    "edges": [
        {"id": "e1", "source": "start", "target": "sum"},
        {"id": "e2", "source": "sum", "target": "more"},
        {"id": "e3", "source": "more", "target": "end"},
    ],
}


def test_a_flow_is_compared_marked_copied_and_run_by_a_scheme_in_the_console(page: Page, stand: Stand) -> None:
    create_member(stand.api, "kinds", "fay", PASSWORD, "maintainer")
    flow = publish_flow(stand.api, "kinds", "Kept", KEPT)
    save_draft(stand, flow, MORE)
    stand.api.post(f"/flows/{flow}:publish", {"comment": "more of it"})
    sign_in(page, "fay", PASSWORD)
    page.goto(f"{stand.url}/flows")
    page.get_by_test_id("labels-open").click()
    page.get_by_test_id("label-name").fill("nightly")
    page.get_by_test_id("label-add").click()
    expect(page.get_by_test_id("label-name")).to_have_value("")
    page.keyboard.press("Escape")
    row = page.get_by_test_id("flows").locator("tbody tr")
    star = row.filter(has_text="Kept").get_by_test_id("flow-star")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("flows-favourite").click()
    expect(row).to_have_count(1)
    page.get_by_test_id("flow-link").click()
    page.get_by_test_id("flow-settings").click()
    choose(page, "flow-label-choice", "nightly")
    page.keyboard.press("Escape")
    page.get_by_test_id("flow-by-hand").locator("input").fill("30")
    page.get_by_test_id("flow-settings-save").click()
    expect(page.locator(".page-header")).to_contain_text("nightly")
    page.get_by_test_id("revision-changes").click()
    expect(page.get_by_test_id("node-more")).to_have_attribute("data-mark", "added")
    expect(page.get_by_test_id("node-sum")).to_have_attribute("data-mark", "changed")
    expect(page.get_by_test_id("change-sum")).to_contain_text("1 + 2")
    page.get_by_test_id("restore").click()
    confirm(page)
    expect(page.get_by_test_id("changes")).to_contain_text("They are the same.")
    page.get_by_role("link", name="Kept").click()
    page.get_by_test_id("flow-schemes").click()
    page.get_by_test_id("scheme-new").click()
    page.get_by_test_id("scheme-name").fill("quick")
    page.get_by_test_id("keep-more").click()
    page.get_by_test_id("scheme-save").click()
    expect(page.get_by_test_id("scheme")).to_contain_text("Leaves out: More")
    page.keyboard.press("Escape")
    page.get_by_test_id("flow-copy").click()
    page.get_by_test_id("copy-submit").click()
    expect(page.get_by_test_id("copied")).to_contain_text("Kept (copy)")
    page.goto(f"{stand.url}/launch/{flow}")
    choose(page, "schemes", "quick")
    page.keyboard.press("Escape")
    page.get_by_test_id("launch-submit").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_test_id("node-sum")).to_have_attribute("data-state", "FINISHED")
    expect(page.get_by_test_id("node-more")).not_to_have_attribute("data-state", "FINISHED")
    expect_time_saved(page, stand)


def test_what_somebody_else_saved_is_not_overwritten_and_newer_flows_are_taken(page: Page, stand: Stand) -> None:
    flow = publish_flow(stand.api, "kinds", "Shared", KEPT)
    pinned = {"id": "in", "kind": "subflow", "flow": flow, "revision": 1}
    outer = {**KEPT, "nodes": [KEPT["nodes"][0], {**pinned, "id": "sum"}, KEPT["nodes"][2]]}
    publish_flow(stand.api, "kinds", "Pinned", outer)
    create_member(stand.api, "kinds", "gil", PASSWORD, "maintainer")
    sign_in(page, "gil", PASSWORD)
    page.goto(f"{stand.url}/flows/{flow}")
    choose(page, "flow-revision", "Draft")
    open_tab(page, "Definition")
    text = page.get_by_test_id("flow-definition").locator("textarea")
    expect(text).to_have_value(re.compile("1 \\+ 1"))
    save_draft(stand, flow, MORE)
    text.fill(text.input_value().replace("1 + 1", "40 + 2"))
    stale = page.get_by_test_id("stale-draft")
    expect(stale).to_contain_text("saved this draft meanwhile")
    page.get_by_test_id("stale-difference").click()
    expect(page.get_by_test_id("change-sum")).to_contain_text("40 + 2")
    page.keyboard.press("Escape")
    page.get_by_test_id("stale-mine").click()
    expect(page.get_by_test_id("draft-state")).to_contain_text("Saved")
    open_tab(page, "Drawing")
    page.locator("[data-id=sum]").click()
    theirs = stand.api.get(f"/flows/{flow}/draft")["definition"]
    theirs["nodes"][1]["name"] = "Sum it"
    save_draft(stand, flow, theirs)
    page.get_by_test_id("lock-key").fill("one at a time")
    expect(stale).to_be_visible()
    page.get_by_test_id("stale-mine").click()
    expect(page.get_by_test_id("waiting-state")).to_contain_text("Saved")
    node = stand.api.get(f"/flows/{flow}/draft")["definition"]["nodes"][1]
    assert (node["name"], node["values"], node["lock"]["key"]) == ("Sum it", {"x": "40 + 2"}, "one at a time")
    stand.api.post(f"/flows/{flow}:publish", {"comment": "newer"})
    page.goto(f"{stand.url}/updates")
    row = page.get_by_test_id("updates").locator("tbody tr").filter(has_text="Pinned")
    expect(row).to_contain_text("1 → 2")
    row.locator(".el-checkbox").click()
    page.get_by_test_id("updates-publish").click()
    page.get_by_test_id("updates-apply").click()
    expect(page.get_by_test_id("update-outcomes")).to_contain_text("published as revision 2")


def save_draft(stand: Stand, flow: str, definition: dict[str, object]) -> None:
    """As somebody else does, without the page."""
    version = stand.api.get(f"/flows/{flow}")["draft_version"]
    stand.api.put(f"/flows/{flow}/draft", {"definition": definition, "draft_version": version})


def expect_time_saved(page: Page, stand: Stand) -> None:
    """The statistics have the task, a moment after it ended."""
    eventually(lambda: stand.api.get("/projects/kinds/statistics")["total"]["saved"])
    page.goto(f"{stand.url}/statistics")
    expect(page.get_by_test_id("statistics-total")).to_contain_text("30 min")
    expect(page.get_by_test_id("statistics-flows")).to_contain_text("Kept")
    open_tab(page, "Nodes")
    expect(page.get_by_test_id("statistics-nodes")).to_contain_text("sum")


def test_a_flow_is_shared_with_projects_and_in_the_catalogue(page: Page, stand: Stand) -> None:
    field = {"type": "string", "format": "flow", "title": "What comes next"}
    form = {"schema": {"type": "object", "properties": {"next": field}}}
    flow = publish_flow(stand.api, "kinds", "Given away", {**KEPT, "form": form})
    stand.api.post("/projects", {"code": "elsewhere", "name": "Elsewhere", "description": ""})
    ivy = {"username": "ivy", "password": PASSWORD, "display_name": "Ivy", "is_admin": True}
    stand.api.post("/users", ivy)
    stand.api.put("/projects/elsewhere/members/ivy", {"roles": ["owner"]})
    sign_in(page, "ivy", PASSWORD)
    page.evaluate("localStorage.setItem('trunkline.project', 'elsewhere')")
    page.goto(f"{stand.url}/flows/{flow}")
    page.get_by_test_id("flow-share").click()
    page.get_by_test_id("share-save").click()
    expect(page.get_by_test_id("share-save")).to_be_hidden()
    page.goto(f"{stand.url}/flows")
    page.get_by_test_id("common-flows-open").click()
    row = page.get_by_test_id("common-flows").locator("tbody tr").filter(has_text="Given away")
    row.get_by_test_id("common-open").click()
    expect(page.get_by_test_id("common-picture").get_by_test_id("node-sum")).to_be_visible()
    page.keyboard.press("Escape")
    row.get_by_test_id("common-launch").click()
    choose(page, "flow-choice", "Given away · kinds")
    page.get_by_test_id("launch-submit").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED", timeout=10_000)
    expect(page.get_by_test_id("task-common")).to_be_visible()
    started_by_itself(page, stand, "Given away, shared by kinds")
    page.goto(f"{stand.url}/flows/{flow}")
    page.get_by_test_id("flow-share-in-catalogue").click()
    for field, text in (("code", "given_away"), ("publisher", "acme"), ("readme", "# Sums"), ("changelog", "First.")):
        page.get_by_test_id(f"share-{field}").fill(text)
    for language in ("en", "zh"):
        page.get_by_test_id(f"share-about-{language}").fill("Sums.")
    with page.expect_download() as kept:
        page.get_by_test_id("share-flow-pack").click()
    package = read_package(kept.value.path().read_bytes())
    assert (package.manifest.code, package.manifest.kind, package.signatures) == ("given_away", "flow", ())
    page.get_by_test_id("share-flow-submit").click()
    page.get_by_test_id("flow-shared-open").click()
    open_tab(page, "Flow")
    expect(page.get_by_test_id("flow-picture").get_by_test_id("node-sum")).to_be_visible()
    page.get_by_test_id("flow-take").click()
    page.get_by_test_id("take-submit").click()
    page.get_by_test_id("taken-flow").click()
    expect(page.get_by_test_id("flow-origin")).to_contain_text("From given_away 1.0.0")
    assert stand.api.get("/plugins/given_away")["installs"] == 1
    expect(page.locator(".page-header")).to_contain_text("Revision 1")
