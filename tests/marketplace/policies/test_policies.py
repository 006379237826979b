from typing import Any

import pytest
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.contracts.authorizer import Action, ResourceKind
from tests.support.marketplace import PROJECT, MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, RUN_SCRIPT, manifest_of

SCRIPT_SCOPES = ["job:execute", "job:read"]
NO_SCRIPTS = {"effect": "deny", "scopes": ["job:execute"], "reason": "scripts go through the operators"}


@pytest.fixture
async def shop(house: MarketplaceHouse) -> MarketplaceHouse:
    """With two plugins published; `keeper` manages the project."""
    for manifest in (FIND_HOST, RUN_SCRIPT):
        assert (await house.publish(manifest)).status_code == 201
    house.authorizer.allow("keeper", ResourceKind.PROJECT, PROJECT.id, Action.PROJECT_MANAGE, Action.PROJECT_VIEW)
    return house


async def _put(house: MarketplaceHouse, policy: dict[str, Any], path: str = "/projects/shop/plugin-policy") -> None:
    answer = await house.client.put(path, json=policy)
    assert answer.status_code == 200, answer.text


async def test_a_place_without_a_policy_takes_everything(shop: MarketplaceHouse) -> None:
    answer = await shop.client.get("/projects/shop/plugin-policy", headers=as_user("viewer"))
    assert answer.json() == {
        "rules": [], "otherwise": "allow", "auto_update": None, "pinned": [],
        "version": 0, "updated_by": None, "updated_at": None, "disabled": [],
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/projects/shop/plugin-policy", "/plugin-policy"])
async def test_what_a_policy_denies_is_not_installed(shop: MarketplaceHouse, path: str) -> None:
    await _put(shop, {"rules": [NO_SCRIPTS]}, path)
    refused = await shop.install("run_script", SCRIPT_SCOPES)
    assert (refused.status_code, refused.json()["code"]) == (403, "plugin_denied")
    assert "scripts go through the operators" in refused.json()["detail"]
    assert (await shop.install("find_host", ["cmdb:read"])).status_code == 201
    other = await shop.install("run_script", SCRIPT_SCOPES, project="bank")
    assert other.status_code == (403 if path == "/plugin-policy" else 201)
    assert shop.grant_desk.reasons.count("Plugin Run script (run_script 1.0.0)") == (path != "/plugin-policy")


async def test_what_is_installed_already_stays_and_tells_why_it_may_not_run(shop: MarketplaceHouse) -> None:
    await shop.install("run_script", SCRIPT_SCOPES)
    await _put(shop, {"rules": [NO_SCRIPTS]})
    (install,) = (await shop.client.get("/projects/shop/installs")).json()["items"]
    assert install["refusal"] == "the policy of the project denies run_script: scripts go through the operators"
    async with shop.database.reading() as session:
        (seen,) = await shop.unit.plugin_directory.installed(session, PROJECT.id)
    assert seen.refusal == install["refusal"]


async def test_a_plugin_is_switched_off_and_on_again(shop: MarketplaceHouse) -> None:
    await shop.install("find_host", ["cmdb:read"])
    off = await shop.client.post(
        "/projects/shop/plugins/find_host:disable", json={"reason": "it lies"}, headers=as_user("keeper")
    )
    assert [(each["plugin"], each["reason"], each["disabled_by"]) for each in off.json()["disabled"]] == [
        ("find_host", "it lies", "keeper")
    ]
    (install,) = (await shop.client.get("/projects/shop/installs")).json()["items"]
    assert install["refusal"] == "find_host is switched off: it lies"
    assert (await shop.install("find_host", ["cmdb:read"])).status_code == 403
    on = await shop.client.post("/projects/shop/plugins/find_host:enable", headers=as_user("keeper"))
    assert on.json()["disabled"] == []
    assert (await shop.install("find_host", ["cmdb:read"])).status_code == 201
    async with shop.database.reading() as session:
        statement = select(AuditRecord).where(col(AuditRecord.action).in_(["plugin.disabled", "plugin.enabled"]))
        kept = list((await session.execute(statement.order_by(col(AuditRecord.id)))).scalars())
    assert [(each.action, each.actor, each.project_id) for each in kept] == [
        ("plugin.disabled", "keeper", PROJECT.id),
        ("plugin.enabled", "keeper", PROJECT.id),
    ]


async def test_a_plugin_switched_off_everywhere_is_off_in_each_project(shop: MarketplaceHouse) -> None:
    assert (await shop.client.post("/plugins/find_host:disable", json={"reason": "a hole"})).status_code == 200
    for project in ("shop", "bank"):
        refused = await shop.install("find_host", ["cmdb:read"], project=project)
        assert refused.json()["detail"].endswith("find_host is switched off: a hole")


async def test_of_a_pinned_plugin_no_version_is_added(shop: MarketplaceHouse) -> None:
    await shop.publish(manifest_of(FIND_HOST, version="1.1.0"))
    await _put(shop, {"pinned": ["find_host"]})
    assert (await shop.install("find_host", ["cmdb:read"])).status_code == 201
    refused = await shop.install("find_host", ["cmdb:read"], "1.1.0")
    assert (refused.status_code, refused.json()["code"]) == (409, "plugin_pinned")
    assert (await shop.install("find_host", ["cmdb:read"])).status_code == 201
    (install,) = (await shop.client.get("/projects/shop/installs")).json()["items"]
    assert (install["pinned"], install["newest"]) == (True, "1.1.0")


async def test_a_policy_read_before_somebody_changed_it_is_not_written(shop: MarketplaceHouse) -> None:
    await _put(shop, {"pinned": ["find_host"], "version": 0})
    stale = await shop.client.put("/projects/shop/plugin-policy", json={"version": 0})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_policy")
    await _put(shop, {"auto_update": "patch", "version": 1})
    found = (await shop.client.get("/projects/shop/plugin-policy")).json()
    assert (found["pinned"], found["auto_update"], found["version"]) == ([], "patch", 2)
    async with shop.database.reading() as session:
        statement = select(AuditRecord).where(col(AuditRecord.action) == "plugin_policy.changed")
        first, second = (await session.execute(statement.order_by(col(AuditRecord.id)))).scalars()
    assert (first.before, second.before) == (None, first.after)


@pytest.mark.parametrize("user", ["viewer", "dev", "stranger"])
async def test_policies_are_laid_down_by_those_who_keep_the_project(shop: MarketplaceHouse, user: str) -> None:
    who = as_user(user)
    assert (await shop.client.put("/projects/shop/plugin-policy", json={}, headers=who)).status_code == 403
    off = await shop.client.post("/projects/shop/plugins/find_host:disable", json={}, headers=who)
    assert off.status_code == 403
    assert (await shop.client.put("/plugin-policy", json={}, headers=as_user("keeper"))).status_code == 403
    assert (await shop.client.get("/plugin-policy", headers=as_user("keeper"))).status_code == 403
    assert (await shop.client.post("/plugins/find_host:disable", json={}, headers=as_user("keeper"))).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rules": [{"effect": "maybe"}]}, "rules.0.effect"),
        ({"rules": [{"effect": "deny", "plugins": ["a b"]}]}, "rules.0.plugins.0"),
        ({"rules": [{"effect": "deny", "kinds": ["wasm"]}]}, "rules.0.kinds.0"),
        ({"rules": [{"effect": "deny", "plugin": ["x"]}]}, "rules.0.plugin"),
        ({"pinned": ["UPPER"]}, "pinned.0"),
        ({"auto_update": "major"}, "auto_update"),
        ({"version": "1"}, "version"),
    ],
)
async def test_a_malformed_policy_is_refused_by_field(shop: MarketplaceHouse, body: dict[str, Any], field: str) -> None:
    answer = await shop.client.put("/projects/shop/plugin-policy", json=body)
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json()["errors"]]
    assert (await shop.client.get("/projects/shop/plugin-policy")).json()["version"] == 0


async def test_what_nobody_published_is_not_switched_off(shop: MarketplaceHouse) -> None:
    assert (await shop.client.post("/projects/shop/plugins/nothing:disable", json={})).status_code == 404


async def test_who_switches_off_what_is_off_already_is_told_of_with_what_was_said_before(
    shop: MarketplaceHouse,
) -> None:
    for user, reason in (("keeper", "it lies"), ("admin", "a hole")):
        path = "/projects/shop/plugins/find_host:disable"
        off = await shop.client.post(path, json={"reason": reason}, headers=as_user(user))
    assert [(each["reason"], each["disabled_by"]) for each in off.json()["disabled"]] == [("a hole", "admin")]
    async with shop.database.reading() as session:
        statement = select(AuditRecord).where(col(AuditRecord.action) == "plugin.disabled")
        noted = (await session.execute(statement.order_by(col(AuditRecord.id)))).scalars()
        assert [(each.before, each.after) for each in noted] == [
            (None, {"reason": "it lies"}),
            ({"reason": "it lies"}, {"reason": "a hole"}),
        ]
