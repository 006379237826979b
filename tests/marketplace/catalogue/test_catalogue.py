import pytest

from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, RUN_SCRIPT, manifest_of


async def _codes(house: MarketplaceHouse, query: str = "") -> list[str]:
    answer = await house.client.get(f"/plugins{query}", headers=as_user("viewer"))
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["items"]]


async def test_plugins_are_listed_the_newest_first(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    await house.publish(RUN_SCRIPT)
    assert await _codes(house) == ["run_script", "find_host"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=find", ["find_host"]),
        ("?q=FIND", ["find_host"]),
        ("?q=查找", ["find_host"]),
        ("?q=脚本", ["run_script"]),
        ("?q=its%20finds", ["find_host"]),
        ("?q=script%20host", []),
        ("?tag=job", ["run_script"]),
        ("?tag=cmdb", ["find_host"]),
        ("?tag=scrip", []),
        ("?tag=a", []),
        ("?tag=host", []),
        ("?q=run&tag=cmdb", []),
        ("?q=%25", []),
        ("?q=n_h", []),
        ("?q=d_h", ["find_host"]),
        ("?q=%5C", []),
        ("?q=%27%3B%20DROP%20TABLE", []),
    ],
)
async def test_search_looks_at_all_words_in_both_languages(
    house: MarketplaceHouse, query: str, found: list[str]
) -> None:
    await house.publish(FIND_HOST)
    await house.publish(RUN_SCRIPT)
    assert await _codes(house, query) == found


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


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/plugins/none_such", 404),
        ("/plugins/find_host/versions/9.9.9", 404),
        ("/plugins/Find-Host", 422),
        ("/plugins/find_host/versions/1.0.0%00", 422),
        ("/plugins?limit=0", 422),
        ("/plugins?limit=x", 422),
        ("/plugins?cursor=nonsense", 422),
        ("/plugins?q=%00", 422),
        ("/plugins?tag=A%20B", 422),
    ],
)
async def test_a_wrong_request_is_refused(house: MarketplaceHouse, path: str, status: int) -> None:
    await house.publish(FIND_HOST)
    assert (await house.client.get(path)).status_code == status


async def test_browsing_needs_a_signed_in_person(house: MarketplaceHouse) -> None:
    for path in ("/plugins", "/plugins/find_host", "/plugins/find_host/versions/1.0.0"):
        assert (await house.client.get(path, headers=as_user(""))).status_code == 401
