"""Nodes of every kind in the console: drawn with their names, held, and decided by a person."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import choose, sign_in
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
    expect(sure).to_have_attribute("data-state", "WAITING_DECISION", timeout=10_000)
    page.get_by_test_id("node-each").click()
    page.get_by_test_id("node-hold").click()
    expect(page.get_by_test_id("node-each")).to_contain_text("will be held")
    sure.click()
    expect(page.get_by_test_id("node-decision")).to_contain_text("Shall we go on?")
    page.get_by_test_id("decide-yes").click()
    each = page.get_by_test_id("node-each")
    expect(each).to_have_attribute("data-state", "SUSPENDED", timeout=10_000)
    each.click()
    page.get_by_test_id("node-release").click()
    ask = page.get_by_test_id("node-ask")
    expect(ask).to_have_attribute("data-state", "WAITING_DECISION", timeout=10_000)
    ask.click()
    decision = page.get_by_test_id("node-decision")
    page.get_by_test_id("decide-yes").click()
    expect(decision).to_contain_text("missing")
    decision.get_by_label("Window").fill("tonight")
    page.get_by_test_id("decide-yes").click()
    expect(page.get_by_test_id("task-state")).to_have_attribute("data-state", "FINISHED", timeout=10_000)
    expect(page.get_by_test_id("node-told")).to_have_attribute("data-state", "SKIPPED")
    each.click()
    page.get_by_test_id("node-inner").filter(has_text="Item 2").click()
    page.get_by_test_id("node-inner").filter(has_text="sum").click()
    expect(page.get_by_test_id("node-panel")).to_contain_text("each[1].sum")
    page.get_by_test_id("node-outer").click()
    expect(page.get_by_test_id("node-outer")).to_contain_text("Back to each")


def test_a_flow_starts_by_itself_as_is_set_in_the_console(page: Page, stand: Stand) -> None:
    create_member(stand.api, "kinds", "dora", PASSWORD, "developer")
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
    page.get_by_test_id("trigger-save").click()
    expect(page.get_by_test_id("secret")).to_contain_text("whsec_")
    expect(page.get_by_test_id("triggers")).to_contain_text("/v1/hooks/")
    page.get_by_test_id("triggers").get_by_role("link", name="Sum").click()
    page.get_by_test_id("flow-notices").click()
    page.get_by_test_id("notice-events").get_by_text("have failed").click()
    page.get_by_test_id("notice-save").click()
    expect(page.get_by_text("Counts for tasks launched from now on.")).to_be_visible()
    kept = stand.api.get(f"/flows/{page.url.rpartition('/')[2]}/notices")
    assert kept["events"] == ["failed"]
