from datetime import date

import pytest

from marketplace.package.archive import write_archive
from marketplace.runs.repository import Runs, add_runs
from marketplace.search.indexing import forget_plugin
from marketplace.versions.repository import find_plugin
from marketplace.versions.search_index import SearchIndex
from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, RUN_SCRIPT, files_of, manifest_of


async def _codes(house: MarketplaceHouse, query: str = "") -> list[str]:
    answer = await house.client.get(f"/plugins{query}", headers=as_user("viewer"))
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["items"]]


async def test_plugins_are_listed_the_newest_first(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    await house.publish(RUN_SCRIPT)
    assert await _codes(house) == ["run_script", "find_host"]


SEARCHES = {
    "?q=find": ["find_host"],
    "?q=FIND": ["find_host"],
    "?q=查找": ["find_host"],
    "?q=找": ["find_host"],
    "?q=按地址查找": ["find_host"],
    "?q=查主机": [],
    "?q=脚本": ["run_script"],
    "?q=its%20finds": ["find_host"],
    "?q=find_ho": ["find_host"],
    "?q=acm": ["run_script", "find_host"],
    "?q=ost": [],
    "?q=script%20host": [],
    "?q=%EF%BD%86ind": ["find_host"],
    "?q=%20": ["run_script", "find_host"],
    "?q=%25": [],
    "?q=%5C": [],
    "?q=%27%3B%20DROP%20TABLE": [],
    "?tag=job": ["run_script"],
    "?tag=cmdb": ["find_host"],
    "?tag=scrip": [],
    "?q=run&tag=cmdb": [],
    "?kind=component": ["run_script", "find_host"],
    "?kind=python": [],
    "?publisher=acme": ["run_script", "find_host"],
    "?system=job": ["run_script"],
    "?scope=cmdb:read": ["find_host"],
    "?scope=job:read&system=cmdb": [],
    "?channel=stable": ["run_script", "find_host"],
    "?channel=beta": [],
    "?sort=name": ["find_host", "run_script"],
    "?sort=updated": ["run_script", "find_host"],
}


async def test_plugins_are_found_by_words_in_both_languages_and_by_properties(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    await house.publish(RUN_SCRIPT)
    found = {query: await _codes(house, query) for query in SEARCHES}
    assert found == SEARCHES


async def test_words_of_the_description_are_found_after_all_others(house: MarketplaceHouse) -> None:
    files = {**files_of(FIND_HOST), "README.md": "# Find\n\nLooks for scripts in 仓库.\n\n`hidden_flag`\n".encode()}
    await house.upload(write_archive(files))
    await house.publish(RUN_SCRIPT)
    assert await _codes(house, "?q=script") == ["run_script", "find_host"]
    assert await _codes(house, "?q=仓库") == ["find_host"]
    assert await _codes(house, "?q=hidden") == []


async def test_a_plugin_is_found_by_what_its_latest_version_says_and_no_more_by_what_an_older_one_said(
    house: MarketplaceHouse,
) -> None:
    await house.publish(FIND_HOST)
    assert (await _codes(house, "?q=address"), await _codes(house, "?tag=cmdb")) == (["find_host"], ["find_host"])
    said = {"en": "Finds a machine.", "zh": "查找机器。"}
    await house.publish(manifest_of(FIND_HOST, version="1.0.1", description=said, tags=["machines"]))
    assert (await _codes(house, "?q=address"), await _codes(house, "?tag=cmdb")) == ([], [])
    assert (await _codes(house, "?q=machine"), await _codes(house, "?tag=machines")) == (["find_host"], ["find_host"])


async def test_what_fits_best_comes_first(house: MarketplaceHouse) -> None:
    by_text = manifest_of(FIND_HOST, code="other", description={"en": "Needs a script.", "zh": "需要脚本。"})
    for manifest in (RUN_SCRIPT, manifest_of(RUN_SCRIPT, code="scripted"), by_text):
        assert (await house.publish(manifest)).status_code == 201
    assert await _codes(house, "?q=script") == ["run_script", "scripted", "other"]


@pytest.mark.parametrize("typed", ["find_host", "Find Host", " find-host "])
async def test_a_plugin_whose_code_is_typed_comes_first(house: MarketplaceHouse, typed: str) -> None:
    for code in ("find_host", "find_host_group", "host_find"):
        await house.publish(manifest_of(FIND_HOST, code=code))
    assert await _codes(house, f"?q={typed}") == ["find_host", "host_find", "find_host_group"]


async def test_of_a_property_that_was_chosen_the_others_are_counted_as_if_they_were_chosen_instead(
    house: MarketplaceHouse,
) -> None:
    await house.publish(FIND_HOST)
    await house.publish(manifest_of(FIND_HOST, code="find_disk", tags=["cmdb", "disk"], publisher="bobs"))
    await house.publish(RUN_SCRIPT)

    async def counted(query: str) -> tuple[int, dict[str, dict[str, int]]]:
        found = (await house.client.get(f"/plugins:facets?{query}")).json()
        return found["total"], {
            facet: {each["value"]: each["count"] for each in values} for facet, values in found["facets"].items()
        }

    total, facets = await counted("tag=disk")
    assert total == 1
    assert facets["tag"] == {"cmdb": 2, "disk": 1, "job": 1, "script": 1}
    assert (facets["publisher"], facets["system"]) == ({"bobs": 1}, {"cmdb": 1})
    total, facets = await counted("tag=cmdb&publisher=acme")
    assert total == 1
    assert facets["tag"] == {"cmdb": 1, "job": 1, "script": 1}
    assert facets["publisher"] == {"acme": 1, "bobs": 1}
    assert (await counted("tag=none"))[0] == 0


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("scirpt", "script"),
        ("fimd host", "find host"),
        ("scripts", "script"),
        ("find scirpt", None),
        ("xyzzy", None),
        ("ost", None),
        ("查机", None),
        ("script host", None),
    ],
)
async def test_where_nothing_is_found_words_close_by_are_told(
    house: MarketplaceHouse, typed: str, meant: str | None
) -> None:
    await house.publish(FIND_HOST)
    await house.publish(RUN_SCRIPT)
    found = (await house.client.get("/plugins:facets", params={"q": typed})).json()
    assert (found["total"], found["meant"]) == (0, meant)


async def test_properties_are_counted_among_what_is_found(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    await house.publish(RUN_SCRIPT)
    whole = (await house.client.get("/plugins:facets", headers=as_user("viewer"))).json()
    assert whole["total"] == 2
    assert whole["facets"]["kind"] == [{"value": "component", "count": 2}]
    assert [each["value"] for each in whole["facets"]["tag"]] == ["cmdb", "job", "script"]
    narrowed = (await house.client.get("/plugins:facets?q=script")).json()
    assert narrowed["total"] == 1
    assert narrowed["facets"]["system"] == [{"value": "job", "count": 1}]


async def test_plugins_are_sorted_by_how_they_are_used(house: MarketplaceHouse) -> None:
    for code in ("first", "second", "third"):
        await house.publish(manifest_of(FIND_HOST, code=code))
    await house.install("second", ["cmdb:read"])
    await house.client.get("/plugins/first/versions/1.0.0/package")
    async with house.database.unit_of_work() as session:
        await add_runs(session, date(2026, 1, 1), {("first", "1.0.0"): Runs(1, 1), ("third", "1.0.0"): Runs(9, 1)})
        await add_runs(session, date(2026, 1, 1), {("first", "0.9.0"): Runs(0, 2)})
    assert (await _codes(house, "?sort=installs"))[0] == "second"
    assert (await _codes(house, "?sort=downloads"))[0] == "first"
    assert await _codes(house, "?sort=success") == ["third", "first", "second"]
    shown = (await house.client.get("/plugins/first")).json()
    assert (shown["runs"], shown["downloads"]) == ({"succeeded": 1, "failed": 3, "rate": 0.25}, 1)
    assert [each["runs"]["rate"] for each in shown["versions"]] == [0.5], "of that version"
    assert (await house.client.get("/plugins/second")).json()["runs"]["rate"] is None


async def test_what_asks_for_another_version_of_the_product_is_left_out_and_not_installed(
    house: MarketplaceHouse,
) -> None:
    await house.publish(manifest_of(FIND_HOST, code="future", requires={"trunkline": ">=99.0.0"}))
    await house.publish(manifest_of(FIND_HOST, code="present", requires={"trunkline": "<99.0.0"}))
    assert await _codes(house, "?compatible=true") == ["present"]
    assert await _codes(house) == ["present", "future"]
    refused = await house.install("future", ["cmdb:read"])
    assert (refused.status_code, refused.json()["code"]) == (409, "version_incompatible")
    assert (await house.install("present", ["cmdb:read"])).status_code == 201
    wrong = await house.publish(manifest_of(FIND_HOST, requires={"trunkline": "new"}))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "requires.trunkline")


async def test_a_lost_index_is_made_anew(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    async with house.database.unit_of_work() as session:
        plugin = await find_plugin(session, "find_host")
        assert plugin is not None
        await forget_plugin(session, plugin.id)
    assert await _codes(house, "?q=find") == []
    await SearchIndex(house.database, house.unit.manifests).complete()
    assert await _codes(house, "?q=find") == ["find_host"]


async def test_pages_follow_one_another(house: MarketplaceHouse) -> None:
    for number in range(5):
        await house.publish(manifest_of(FIND_HOST, code=f"find_{number}"))
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await house.client.get(f"/plugins?limit=2{cursor}")).json()
        seen += [each["code"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"find_{number}" for number in (4, 3, 2, 1, 0)]


async def test_installs_count_projects_and_not_versions(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    await house.publish(manifest_of(FIND_HOST, version="1.1.0"))
    for version, project in (("1.0.0", "shop"), ("1.1.0", "shop"), ("1.1.0", "bank")):
        assert (await house.install("find_host", ["cmdb:read"], version, project)).status_code == 201
    assert (await house.client.get("/plugins/find_host")).json()["installs"] == 2


async def test_a_plugin_shows_what_its_highest_version_says(house: MarketplaceHouse) -> None:
    await house.publish(manifest_of(FIND_HOST, version="2.0.0", tags=["new"]))
    await house.publish(manifest_of(FIND_HOST, version="1.9.0", tags=["old"]))
    assert (await house.client.get("/plugins/find_host")).json()["tags"] == ["new"]
    await house.publish(manifest_of(FIND_HOST, version="2.1.0", tags=["newest"]))
    assert await _codes(house, "?tag=newest") == ["find_host"]
    assert await _codes(house, "?tag=new") == []


async def test_a_wrong_request_is_refused(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    wrong = {
        "/plugins/none_such": 404,
        "/plugins/find_host/versions/9.9.9": 404,
        "/plugins/Find-Host": 422,
        "/plugins/find_host/versions/1.0.0%00": 422,
        "/plugins?limit=0": 422,
        "/plugins?limit=x": 422,
        "/plugins?cursor=nonsense": 422,
        "/plugins?cursor=LTE=": 422,
        "/plugins?q=%00": 422,
        "/plugins?tag=A%20B": 422,
        "/plugins?sort=best": 422,
        "/plugins?kind=other": 422,
        "/plugins:facets?scope=%00": 422,
    }
    for path, status in wrong.items():
        assert (await house.client.get(path)).status_code == status, path


async def test_browsing_needs_a_signed_in_person(house: MarketplaceHouse) -> None:
    for path in ("/plugins", "/plugins/find_host", "/plugins/find_host/versions/1.0.0"):
        assert (await house.client.get(path, headers=as_user(""))).status_code == 401


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("", ["sleep_timer", "pause_node", "bk_approve"]),
        ("sleep", ["sleep_timer"]),
        ("审批", ["bk_approve"]),
        ("wait seconds", ["sleep_timer"]),
        ("bk approve", ["bk_approve"]),
        ("?!", []),
        ("nothing", []),
    ],
)
async def test_what_flows_do_by_themselves_is_found_under_the_names_of_standard_ops(
    house: MarketplaceHouse, words: str, codes: list[str]
) -> None:
    found = (await house.client.get("/plugins:built-in", params={"q": words})).json()["items"]
    assert [each["code"] for each in found] == codes
