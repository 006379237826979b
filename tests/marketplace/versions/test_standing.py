"""Channels, yanking, deprecation: what becomes of a version once it is published."""

from typing import Any

import pytest
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from tests.support.marketplace import PROJECT, MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, RUN_SCRIPT, archive_of, manifest_of

SCOPES = ["cmdb:read"]


@pytest.fixture
async def published(house: MarketplaceHouse) -> MarketplaceHouse:
    """Versions 1.0.0, 1.1.0 and 2.0.0-rc.1 of alice's."""
    for version in ("1.0.0", "1.1.0", "2.0.0-rc.1"):
        made = manifest_of(FIND_HOST, version=version, tags=[f"v{version[0]}"])
        assert (await house.publish(made, "alice")).status_code == 201
    return house


async def _plugin(house: MarketplaceHouse) -> Any:
    return (await house.client.get("/plugins/find_host")).json()


async def _yank(house: MarketplaceHouse, version: str, user: str = "alice") -> int:
    path, body = f"/plugins/find_host/versions/{version}/yank", {"message": "It finds the wrong host."}
    return (await house.client.put(path, json=body, headers=as_user(user))).status_code


async def test_a_yanked_version_is_installed_by_nobody_anew_and_goes_on_where_it_is(
    published: MarketplaceHouse,
) -> None:
    assert (await published.install("find_host", SCOPES, "1.1.0")).status_code == 201
    assert await _yank(published, "1.1.0") == 204
    refused = await published.install("find_host", SCOPES, "1.1.0", "bank")
    assert (refused.status_code, refused.json()["code"]) == (409, "version_yanked")
    assert "It finds the wrong host." in refused.json()["detail"]
    assert (await published.client.get("/projects/bank/installs")).json()["items"] == []
    again = await published.install("find_host", SCOPES, "1.1.0")
    assert (again.status_code, again.json()["yanked"]) == (201, "It finds the wrong host."), "asked again where it is"
    assert (await published.client.get("/projects/shop/installs")).json()["items"] == [again.json()]
    async with published.database.reading() as session:
        (kept,) = await published.unit.plugin_directory.installed(session, PROJECT.id)
    assert kept.version == "1.1.0"


async def test_what_is_yanked_is_not_the_latest_any_more(published: MarketplaceHouse) -> None:
    assert (await _plugin(published))["latest_version"] == "1.1.0"
    await _yank(published, "1.1.0")
    plugin = await _plugin(published)
    assert (plugin["latest_version"], plugin["channels"]) == ("1.0.0", {"beta": "2.0.0-rc.1", "stable": "1.0.0"})
    messages = {each["version"]: each["yank_message"] for each in plugin["versions"]}
    assert messages == {"1.0.0": None, "1.1.0": "It finds the wrong host.", "2.0.0-rc.1": None}


async def test_a_plugin_without_any_offered_version_is_found_no_more_until_one_is_offered_again(
    published: MarketplaceHouse,
) -> None:
    for version in ("1.0.0", "1.1.0", "2.0.0-rc.1"):
        assert await _yank(published, version) == 204
    assert (await published.client.get("/plugins")).json()["items"] == []
    assert (await published.client.get("/plugins/find_host")).status_code == 200
    undone = await published.client.delete("/plugins/find_host/versions/1.0.0/yank", headers=as_user("alice"))
    assert undone.status_code == 204
    (found,) = (await published.client.get("/plugins")).json()["items"]
    assert found["latest_version"] == "1.0.0"
    assert (await published.install("find_host", SCOPES, "1.0.0", "bank")).status_code == 201


async def test_a_version_is_yanked_once_and_unyanked_once(published: MarketplaceHouse) -> None:
    path = "/plugins/find_host/versions/1.0.0/yank"
    assert (await published.client.delete(path)).status_code == 409
    assert [await _yank(published, "1.0.0") for _ in range(2)] == [204, 409]


async def test_only_its_owner_and_administrators_decide_about_a_plugin(published: MarketplaceHouse) -> None:
    text = {"en": "x", "zh": "x"}
    calls: list[tuple[str, str, Any]] = [
        ("PUT", "/versions/1.0.0/yank", {"message": "no"}),
        ("DELETE", "/versions/1.0.0/yank", None),
        ("PUT", "/versions/1.0.0/channel", {"channel": "beta"}),
        ("PUT", "/deprecation", {"message": "no"}),
        ("DELETE", "/deprecation", None),
        ("POST", "/advisories", {"severity": "low", "affected": "*", "title": text, "text": text}),
    ]
    for method, path, body in calls:
        for user, status in (("bob", 403), ("dev", 403), ("", 401)):
            answer = await published.client.request(
                method, f"/plugins/find_host{path}", json=body, headers=as_user(user)
            )
            assert answer.status_code == status, (path, user)


async def test_a_release_may_be_tried_in_another_channel_first(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    second = archive_of(manifest_of(FIND_HOST, version="1.1.0"))
    sent = await house.client.post("/plugins?channel=beta", content=second, headers={"Content-Type": "application/zip"})
    assert (sent.status_code, sent.json()["channel"]) == (201, "beta")
    assert (await _plugin(house))["latest_version"] == "1.0.0"
    moved = await house.client.put("/plugins/find_host/versions/1.1.0/channel", json={"channel": "stable"})
    assert moved.status_code == 204
    assert (await _plugin(house))["latest_version"] == "1.1.0"


async def test_a_pre_release_is_never_stable(published: MarketplaceHouse) -> None:
    path = "/plugins/find_host/versions/2.0.0-rc.1/channel"
    refused = await published.client.put(path, json={"channel": "stable"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "channel")
    archive = archive_of(manifest_of(FIND_HOST, version="3.0.0-rc.1"))
    headers = {"Content-Type": "application/zip"}
    sent = await published.client.post("/plugins?channel=stable", content=archive, headers=headers)
    assert (sent.status_code, sent.json()["errors"][0]["field"]) == (422, "channel")


async def test_a_deprecated_plugin_names_its_end_and_what_comes_instead(published: MarketplaceHouse) -> None:
    await published.publish(RUN_SCRIPT)
    wanted = {"replacement": "run_script", "ends_on": "2026-12-31", "message": "Use the other one."}
    for replacement in ("find_host", "none_such"):
        refused = await published.client.put(
            "/plugins/find_host/deprecation", json={**wanted, "replacement": replacement}
        )
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "replacement")
    assert (await published.client.put("/plugins/find_host/deprecation", json=wanted)).status_code == 200
    assert (await _plugin(published))["deprecation"] == wanted
    version = (await published.client.get("/plugins/find_host/versions/1.0.0")).json()
    assert version["deprecation"] == wanted
    assert (await published.client.delete("/plugins/find_host/deprecation")).status_code == 204
    assert (await _plugin(published))["deprecation"] is None


async def test_packages_are_found_by_their_digest_and_downloads_are_counted(house: MarketplaceHouse) -> None:
    digest = (await house.publish(FIND_HOST)).json()["digest"]
    by_digest = await house.client.get(f"/packages/{digest}", headers=as_user("viewer"))
    by_name = await house.client.get("/plugins/find_host/versions/1.0.0/package", headers=as_user("viewer"))
    assert by_digest.content == by_name.content == archive_of(FIND_HOST)
    assert by_digest.headers["etag"] == f'"{digest}"'
    assert (await house.client.get("/plugins/find_host/versions/1.0.0")).json()["downloads"] == 2
    assert (await house.client.get(f"/packages/sha256:{'0' * 64}")).status_code == 404
    assert (await house.client.get(f"/packages/{digest}", headers=as_user(""))).status_code == 401


async def test_every_change_is_in_the_audit_log(published: MarketplaceHouse) -> None:
    await _yank(published, "1.1.0")
    await published.client.delete("/plugins/find_host/versions/1.1.0/yank")
    await published.client.put("/plugins/find_host/versions/1.1.0/channel", json={"channel": "old"})
    await published.client.put("/plugins/find_host/deprecation", json={"message": "Over."})
    await published.client.delete("/plugins/find_host/deprecation")
    async with published.database.reading() as session:
        statement = select(AuditRecord).where(col(AuditRecord.resource_id) == "find_host").order_by(col(AuditRecord.id))
        records = (await session.execute(statement)).scalars()
        kept = [(each.action, each.actor) for each in records if each.action != "plugin.published"]
    assert kept == [
        ("plugin.yanked", "alice"),
        ("plugin.unyanked", "admin"),
        ("plugin.channel_changed", "admin"),
        ("plugin.deprecated", "admin"),
        ("plugin.undeprecated", "admin"),
    ]
