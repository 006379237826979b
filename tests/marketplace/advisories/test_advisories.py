"""Warnings about versions."""

from typing import Any

import pytest

from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, manifest_of

ADVISORY: dict[str, Any] = {
    "severity": "high",
    "affected": "<1.1.0",
    "title": {"en": "Finds hosts of others", "zh": "会查到他人的主机"},
    "text": {"en": "Install 1.1.0.", "zh": "请安装 1.1.0。"},
}


@pytest.fixture
async def published(house: MarketplaceHouse) -> MarketplaceHouse:
    for version in ("1.0.0", "1.1.0"):
        assert (await house.publish(manifest_of(FIND_HOST, version=version), "alice")).status_code == 201
    return house


async def _advise(house: MarketplaceHouse, user: str = "alice", **changed: Any) -> Any:
    body = {**ADVISORY, **changed}
    return await house.client.post("/plugins/find_host/advisories", json=body, headers=as_user(user))


async def test_an_advisory_is_shown_with_the_versions_it_holds_for_and_no_other(published: MarketplaceHouse) -> None:
    made = await _advise(published)
    assert made.status_code == 201, made.text
    for version, expected in (("1.0.0", [made.json()]), ("1.1.0", [])):
        found = (await published.client.get(f"/plugins/find_host/versions/{version}")).json()
        assert found["advisories"] == expected
    versions = (await published.client.get("/plugins/find_host")).json()["versions"]
    assert {each["version"]: len(each["advisories"]) for each in versions} == {"1.0.0": 1, "1.1.0": 0}


async def test_a_project_is_warned_of_what_it_has_installed(published: MarketplaceHouse) -> None:
    made = (await _advise(published)).json()
    for version, project in (("1.0.0", "shop"), ("1.1.0", "bank")):
        await published.install("find_host", ["cmdb:read"], version, project)
    shop = await published.client.get("/projects/shop/advisories", headers=as_user("viewer"))
    assert shop.json()["items"] == [{"plugin": "find_host", "version": "1.0.0", "advisory": made}]
    assert (await published.client.get("/projects/bank/advisories")).json()["items"] == []
    assert (await published.client.get("/projects/bank/advisories", headers=as_user("viewer"))).status_code == 403


async def test_a_withdrawn_advisory_holds_for_nothing_and_stays_on_record(published: MarketplaceHouse) -> None:
    made = (await _advise(published)).json()
    path, body = f"/advisories/{made['id']}:withdraw", {"reason": "It was another plugin."}
    assert (await published.client.post(path, json=body, headers=as_user("bob"))).status_code == 403
    assert (await published.client.post(path, json=body)).status_code == 200
    assert (await published.client.post(path, json=body)).status_code == 409
    assert (await published.client.get("/plugins/find_host/versions/1.0.0")).json()["advisories"] == []
    (kept,) = (await published.client.get("/advisories?plugin=find_host")).json()["items"]
    assert (kept["withdrawn_by"], kept["withdrawn_reason"]) == ("admin", "It was another plugin.")
    missing = await published.client.post(f"/advisories/{'0' * 32}:withdraw", json=body)
    assert missing.json()["code"] == "advisory_unknown"


async def test_an_advisory_is_said_otherwise_and_keeps_when_it_was_published(published: MarketplaceHouse) -> None:
    made = (await _advise(published)).json()
    path, body = f"/advisories/{made['id']}", {**ADVISORY, "severity": "low", "affected": "<=1.1.0"}
    assert (await published.client.put(path, json=body, headers=as_user("bob"))).status_code == 403
    changed = await published.client.put(path, json=body, headers=as_user("alice"))
    assert (changed.status_code, changed.json()) == (200, {**made, "severity": "low", "affected": "<=1.1.0"})
    found = (await published.client.get("/plugins/find_host/versions/1.1.0")).json()
    assert [each["severity"] for each in found["advisories"]] == ["low"]
    refused = await published.client.put(path, json={**body, "affected": ">9.0.0"})
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [
        ("affected", "plugin.concerns_none")
    ]
    await published.client.post(f"{path}:withdraw", json={"reason": "It was another plugin."})
    assert (await published.client.put(path, json=body)).status_code == 409
    assert (await published.client.put(f"/advisories/{'0' * 32}", json=body)).status_code == 404


async def test_a_wrong_advisory_is_refused_by_field(published: MarketplaceHouse) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"affected": "~1"}, "affected"),
        ({"affected": ">9.0.0"}, "affected"),
        ({"severity": "awful"}, "severity"),
        ({"title": {"en": "x"}}, "title.zh"),
        ({"text": {"en": " ", "zh": "x"}}, "text.en"),
    ]
    for changed, field in wrong:
        refused = await _advise(published, **changed)
        assert refused.status_code == 422
        assert [each["field"] for each in refused.json()["errors"]] == [field]
    assert (await published.client.get("/advisories")).json()["items"] == []
