"""The inventory's page: hosts by place and filter, their history, transfers, imports with a preview, and exports."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import choose, confirm, open_tab, sign_in
from tests.support.stand import Stand

Call = Callable[..., Any]
OWNER = "olga"


@pytest.fixture(scope="module", autouse=True)
def _owner(stand: Stand) -> None:
    stand.api.post("/users", {"username": OWNER, "password": f"password of {OWNER}"})
    stand.api.put("/roles?resource=system:cmdb", {"username": OWNER, "roles": ["owner"]})


@pytest.fixture(scope="module")
def call(stand: Stand) -> Call:
    """Calls a component as the page does."""

    def called(component: str, **params: Any) -> Any:
        answer = stand.api.post(f"/systems/cmdb/stages/prod/components/{component}:call", {"params": params})
        assert answer["result"] is True, answer
        return answer["data"]

    return called


@pytest.fixture(scope="module")
def business(call: Call) -> int:
    """A shop with two modules and sixty hosts."""
    number: int = call("create_business", data={"bk_biz_name": "shop"})["bk_biz_id"]
    inside = call("create_set", bk_biz_id=number, data={"bk_set_name": "east"})["bk_set_id"]
    for name in ("web", "database"):
        call("create_module", bk_biz_id=number, bk_set_id=inside, data={"bk_module_name": name})
    hosts = [
        {
            "bk_host_innerip": f"10.0.0.{each}",
            "bk_host_name": f"web-{each:02d}",
            "bk_mem": each * 1024,
            "bk_os_type": "1",
        }
        for each in range(1, 61)
    ]
    call("add_host_to_business_idle", bk_biz_id=number, bk_host_list=hosts)
    return number


@pytest.fixture
def inventory(page: Page, stand: Stand, business: int) -> Page:
    sign_in(page, OWNER, f"password of {OWNER}")
    page.goto(f"{stand.url}/registry/cmdb/inventory")
    expect(page.get_by_test_id("host-count")).to_have_text(re.compile("6[01] hosts"))
    return page


def _node(page: Page, name: str) -> Any:
    return page.get_by_test_id("topology").locator(".el-tree-node__content").filter(has_text=name)


def test_hosts_are_found_by_text_and_by_nested_rules(inventory: Page) -> None:
    inventory.get_by_test_id("host-search").fill("web-07")
    inventory.get_by_test_id("host-search").press("Enter")
    expect(inventory.get_by_test_id("host-count")).to_have_text("1 host")
    inventory.get_by_test_id("host-search").fill("")
    inventory.get_by_test_id("host-search").press("Enter")
    inventory.get_by_test_id("filter-open").click()
    inventory.get_by_test_id("rule-add").first.click()
    choose(inventory, "rule-field", "Memory")
    choose(inventory, "rule-operator", "is more than")
    inventory.get_by_test_id("rule-value").fill("56320")
    expect(inventory.get_by_test_id("host-count")).to_have_text("5 hosts")
    inventory.get_by_test_id("group-add").click()
    group = inventory.get_by_test_id("filter-group")
    group.get_by_test_id("rule-value").fill("58")
    expect(inventory.get_by_test_id("host-count")).to_have_text("1 host")
    group.get_by_test_id("rule-add").click()
    group.get_by_test_id("rule-value").last.fill("60")
    expect(inventory.get_by_test_id("host-count")).to_have_text("2 hosts")


def test_hosts_are_moved_and_a_host_tells_its_history(inventory: Page) -> None:
    _node(inventory, "east").locator(".el-tree-node__expand-icon").click()
    expect(_node(inventory, "web")).to_contain_text("0")
    boxes = inventory.get_by_test_id("hosts").locator("tbody .el-checkbox")
    for place in (0, 1):
        boxes.nth(place).click()
    inventory.get_by_test_id("move").click()
    choose(inventory, "move-to-modules", "east/web")
    inventory.keyboard.press("Escape")
    inventory.get_by_test_id("move-submit").click()
    expect(inventory.get_by_text("2 hosts were moved")).to_be_visible()
    expect(inventory.get_by_test_id("move")).to_be_disabled()
    expect(_node(inventory, "web")).to_contain_text("2")
    _node(inventory, "web").click()
    expect(inventory.get_by_test_id("host-count")).to_have_text("2 hosts")
    inventory.get_by_test_id("host-10.0.0.1").click()
    expect(inventory.get_by_text("1024 MB").last).to_be_visible()
    inventory.get_by_role("tab", name="History").click()
    expect(inventory.get_by_test_id("change").first).to_contain_text("Idle → east/web")
    expect(inventory.get_by_test_id("change").first).to_contain_text(OWNER)


def _act(page: Page, place: str, act: str) -> None:
    page.get_by_test_id(f"place-menu-{place}").click()
    page.get_by_test_id(f"place-{act}").filter(visible=True).click()


def _name(page: Page, name: str) -> None:
    page.get_by_test_id("place-name").filter(visible=True).fill(name)
    page.get_by_test_id("place-save").filter(visible=True).click()


def test_a_business_gets_sets_and_modules_that_are_renamed_and_removed(inventory: Page) -> None:
    inventory.get_by_test_id("business-add").click()
    _name(inventory, "shop")
    expect(inventory.get_by_test_id("problem")).to_contain_text("The business name shop is taken")
    _name(inventory, "tea room")
    expect(_node(inventory, "tea room")).to_be_visible()
    _act(inventory, "tea room", "addSet")
    _name(inventory, "north")
    _act(inventory, "north", "addModule")
    _name(inventory, "ovens")
    expect(_node(inventory, "ovens")).to_be_visible()
    _act(inventory, "ovens", "rename")
    _name(inventory, "stoves")
    expect(_node(inventory, "stoves")).to_be_visible()
    _act(inventory, "north", "delete")
    confirm(inventory)
    expect(_node(inventory, "north")).to_have_count(0)
    _act(inventory, "tea room", "rename")
    _name(inventory, "tea house")
    expect(_node(inventory, "tea house")).to_be_visible()


def test_a_module_stays_while_hosts_stand_in_it(inventory: Page) -> None:
    _node(inventory, "east").locator(".el-tree-node__expand-icon").click()
    _act(inventory, "web", "delete")
    confirm(inventory)
    expect(inventory.get_by_text("move them first")).to_be_visible()
    expect(_node(inventory, "web")).to_be_visible()


def test_hosts_get_a_field_that_refers_to_others(inventory: Page, call: Call) -> None:
    inventory.get_by_test_id("attributes").click()
    inventory.get_by_test_id("attribute-id").fill("stand_ins")
    inventory.get_by_test_id("attribute-name").fill("Stand-ins")
    choose(inventory, "attribute-type", "References to several")
    inventory.get_by_test_id("attribute-save").click()
    expect(inventory.get_by_test_id("attributes-table")).to_contain_text("References to several: Host")
    inventory.keyboard.press("Escape")

    inventory.get_by_test_id("host-10.0.0.9").click()
    inventory.get_by_test_id("host-change").click()
    field = inventory.get_by_test_id("host-value-stand_ins")
    field.fill("99999")
    inventory.get_by_test_id("host-save").click()
    expect(inventory.get_by_text("there is no host 99999", exact=True)).to_be_visible()
    other = call("list_hosts_without_biz", page={"start": 0, "limit": 1})["info"][0]["bk_host_id"]
    field.fill(str(other))
    inventory.get_by_test_id("host-save").click()
    expect(field).to_be_hidden()
    rules = [{"field": "stand_ins", "operator": "contains", "value": other}]
    wanted = {"condition": "AND", "rules": rules}
    found = call("list_hosts_without_biz", page={"start": 0, "limit": 5}, host_property_filter=wanted)
    assert [host["bk_host_name"] for host in found["info"]] == ["web-09"]


def test_an_import_shows_what_it_would_do_before_it_does_it_and_the_outcome_is_exported(
    inventory: Page, tmp_path: Path
) -> None:
    file = tmp_path / "hosts.csv"
    file.write_text("ip,hostname,cpu,place\n10.0.0.9,renamed,8,east/database\n10.1.0.1,new,4,\n10.1.0.2,wrong,four,\n")
    inventory.get_by_test_id("import").click()
    inventory.get_by_test_id("file").set_input_files(file)
    expect(inventory.get_by_test_id("count-created")).to_contain_text("1")
    expect(inventory.get_by_test_id("count-changed")).to_contain_text("1")
    expect(inventory.get_by_test_id("import-refused")).to_contain_text("four does not fit")
    expect(inventory.get_by_test_id("import-preview")).to_contain_text("web-09 → renamed")
    expect(inventory.get_by_test_id("import-apply")).to_be_disabled()
    inventory.get_by_test_id("import-skip").click()
    inventory.get_by_test_id("import-apply").click()
    expect(inventory.get_by_text("New hosts: 1, changed: 1.")).to_be_visible()
    expect(inventory.get_by_test_id("host-count")).to_have_text("61 hosts")
    inventory.get_by_test_id("host-search").fill("10.0.0.2")
    inventory.get_by_test_id("host-search").press("Enter")
    expect(inventory.get_by_test_id("host-count")).to_have_text("11 hosts")
    inventory.get_by_test_id("export").click()
    with inventory.expect_download() as kept:
        inventory.get_by_test_id("export-csv").click()
    lines = Path(kept.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert (len(lines), lines[0].startswith("bk_host_id,")) == (12, True)
    inventory.get_by_test_id("language-zh").click()
    expect(inventory.get_by_test_id("host-count")).to_have_text("共 11 台主机")
    expect(_node(inventory, "空闲机池")).to_be_visible()
    inventory.get_by_test_id("host-10.0.0.2").click()
    expect(inventory.get_by_text("操作系统").last).to_be_visible()


def test_a_source_is_added_run_and_tells_what_came_of_it(inventory: Page) -> None:
    inventory.get_by_test_id("sources").click()
    inventory.get_by_test_id("source-add").click()
    inventory.get_by_test_id("source-name").fill("rack")
    inventory.get_by_test_id("source-url").fill("http://169.254.169.254")
    inventory.get_by_test_id("source-save").click()
    expect(inventory.get_by_test_id("problem")).to_contain_text("TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS")
    inventory.get_by_test_id("source-ssh").click()
    inventory.get_by_test_id("source-addresses").fill("127.0.0.1")
    inventory.get_by_test_id("source-username").fill("nobody")
    inventory.get_by_test_id("source-save").click()
    expect(inventory.get_by_test_id("source")).to_contain_text("every 60 minutes")
    inventory.get_by_test_id("source-run").click()
    run = inventory.get_by_test_id("run").filter(has_text="rack")
    expect(run).to_contain_text("failed")
    expect(run).to_contain_text("TRUNKLINE_JOB_NETWORKS")


def test_whoever_does_not_manage_the_system_has_no_such_tab(page: Page, stand: Stand) -> None:
    stand.api.post("/users", {"username": "guest", "password": "password of guest"})
    sign_in(page, "guest", "password of guest")
    page.goto(f"{stand.url}/registry/cmdb/inventory")
    open_tab(page, "Components")
    expect(page.get_by_role("tab", name="Inventory")).to_have_count(0)
