from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.contracts.plugin_directory import InstalledPlugin
from kernel.contracts.plugin_uses import Breakage, BrokenFlow, MovedFlow, PluginUse, UsePlace, VersionMove
from kernel.principal import Principal
from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, manifest_of

FLOW, OTHER = "a" * 32, "b" * 32


@dataclass(slots=True)
class KeptFlows:
    """Flow → version its draft and newest revision run; what is moved is published where that is asked for."""

    versions: dict[str, str] = field(default_factory=dict)
    breaking: str = ""
    moves: list[VersionMove] = field(default_factory=list)

    async def find(self, session: AsyncSession, project_id: str, plugin: str) -> list[PluginUse]:
        return [
            PluginUse(flow, flow[0], place, version, ("find",), 1 if place is UsePlace.REVISION else None)
            for flow, version in self.versions.items()
            for place in (UsePlace.DRAFT, UsePlace.REVISION)
        ]

    async def breakages(
        self, session: AsyncSession, project_id: str, before: str, after: InstalledPlugin
    ) -> list[BrokenFlow]:
        if after.version != self.breaking:
            return []
        return [BrokenFlow(FLOW, UsePlace.DRAFT, (Breakage("find", "inputs.ip", "is missing", "give it"),))]

    async def move(self, session: AsyncSession, principal: Principal, move: VersionMove) -> list[MovedFlow]:
        self.moves.append(move)
        moved = [flow for flow in move.flow_ids if self.versions.get(flow) == move.before]
        self.versions |= dict.fromkeys(moved, move.after)
        return [MovedFlow(flow, flow[0], ("find",), 2, 2 if move.publish else None) for flow in moved]


@pytest.fixture
def flows(house: MarketplaceHouse) -> KeptFlows:
    kept = KeptFlows()
    house.unit.uses = kept
    return kept


@pytest.fixture
async def shop(house: MarketplaceHouse, flows: KeptFlows) -> MarketplaceHouse:
    """1.0.0 is installed, 1.0.1 and 1.1.0 are published; two flows run 1.0.0."""
    for version in ("1.0.0", "1.0.1", "1.1.0"):
        assert (await house.publish(manifest_of(FIND_HOST, version=version))).status_code == 201
    assert (await house.install("find_host", ["cmdb:read"], user="dev")).status_code == 201
    flows.versions = {FLOW: "1.0.0", OTHER: "1.0.0"}
    return house


async def _grown(house: MarketplaceHouse, version: str = "1.2.0") -> None:
    manifest = manifest_of(FIND_HOST, version=version)
    manifest["scopes"].append({"scope": "cmdb.list_hosts", "reason": {"en": "As well.", "zh": "也要。"}})
    assert (await house.publish(manifest)).status_code == 201


async def _upgrade(house: MarketplaceHouse, to: str, user: str = "dev", **more: Any) -> httpx.Response:
    body = {"from_version": "1.0.0", "to_version": to, **more}
    return await house.client.post("/projects/shop/installs/find_host:upgrade", json=body, headers=as_user(user))


async def _rollback(house: MarketplaceHouse, user: str = "dev") -> httpx.Response:
    return await house.client.post("/projects/shop/installs/find_host:rollback", headers=as_user(user))


async def _versions(house: MarketplaceHouse) -> list[str]:
    return [each["version"] for each in (await house.client.get("/projects/shop/installs")).json()["items"]]


async def _policy(house: MarketplaceHouse, **policy: Any) -> None:
    assert (await house.client.put("/projects/shop/plugin-policy", json=policy)).status_code == 200


async def _actions(house: MarketplaceHouse, actions: Iterable[str]) -> list[AuditRecord]:
    async with house.database.reading() as session:
        statement = select(AuditRecord).where(col(AuditRecord.action).in_(list(actions)))
        return list((await session.execute(statement.order_by(col(AuditRecord.id)))).scalars())


async def test_an_upgrade_is_planned_with_all_it_would_change(shop: MarketplaceHouse, flows: KeptFlows) -> None:
    await _grown(shop)
    flows.breaking = "1.2.0"
    answer = await shop.client.get(
        "/projects/shop/installs/find_host/upgrade?from=1.0.0&to=1.2.0", headers=as_user("viewer")
    )
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert [need["scope"] for need in plan["added_scopes"]] == ["cmdb.list_hosts"]
    assert (plan["removed_scopes"], plan["new_components"], plan["changes"], plan["refusal"]) == ([], [], [], None)
    assert [(use["flow_id"], use["place"]) for use in plan["uses"]] == [
        (FLOW, "draft"), (FLOW, "revision"), (OTHER, "draft"), (OTHER, "revision")
    ]  # fmt: skip
    assert plan["broken"][0]["breakages"][0]["problem"] == "is missing"
    assert await _versions(shop) == ["1.0.0"]


async def test_a_newer_version_is_told_where_there_is_one(shop: MarketplaceHouse) -> None:
    await shop.install("find_host", ["cmdb:read"], "1.1.0")
    items = (await shop.client.get("/projects/shop/installs")).json()["items"]
    assert [(each["version"], each["newest"]) for each in items] == [("1.0.0", "1.1.0"), ("1.1.0", None)]


async def test_an_install_tells_that_its_plugin_has_an_end(shop: MarketplaceHouse) -> None:
    (before,) = (await shop.client.get("/projects/shop/installs")).json()["items"]
    assert before["deprecation"] is None
    end = {"message": "It ends.", "replacement": None, "ends_on": "2031-01-31"}
    assert (await shop.client.put("/plugins/find_host/deprecation", json=end)).status_code == 200
    (install,) = (await shop.client.get("/projects/shop/installs")).json()["items"]
    assert install["deprecation"] == end


async def test_an_upgrade_without_more_scopes_asks_for_no_consent_and_moves_the_flows_named(
    shop: MarketplaceHouse, flows: KeptFlows
) -> None:
    answer = await _upgrade(shop, "1.1.0", flows=[FLOW], publish=True)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["install"]["version"], view["install"]["scopes"]) == ("1.1.0", ["cmdb:read"])
    assert [(flow["flow_id"], flow["revision"]) for flow in view["flows"]] == [(FLOW, 2)]
    assert flows.versions == {FLOW: "1.1.0", OTHER: "1.0.0"}
    assert await _versions(shop) == ["1.0.0", "1.1.0"]
    (kept,) = await _actions(shop, ["plugin.upgraded"])
    assert (kept.actor, kept.before) == ("dev", {"version": "1.0.0"})
    assert kept.after == {
        "version": "1.1.0", "automatic": False, "flows": [{"flow": FLOW, "draft_version": 2, "revision": 2}]
    }  # fmt: skip


async def test_more_scopes_ask_for_consent_again(shop: MarketplaceHouse, flows: KeptFlows) -> None:
    await _grown(shop)
    refused = await _upgrade(shop, "1.2.0", flows=[FLOW])
    assert (refused.status_code, refused.json()["code"]) == (422, "consent_incomplete")
    assert [each["problem"] for each in refused.json()["errors"]] == ["lacks cmdb.list_hosts"]
    assert await _versions(shop) == ["1.0.0"]
    assert flows.moves == []
    assert (await _upgrade(shop, "1.2.0", consent_scopes=["cmdb.list_hosts"])).status_code == 200
    too_much = await _upgrade(shop, "1.1.0", consent_scopes=["job:read"])
    assert [each["problem"] for each in too_much.json()["errors"]] == [
        "holds job:read, which the version doesn't ask for"
    ]


async def test_a_policy_holds_for_upgrades(shop: MarketplaceHouse) -> None:
    await _policy(shop, pinned=["find_host"])
    assert (await _upgrade(shop, "1.1.0")).json()["code"] == "plugin_pinned"
    await _policy(shop, otherwise="deny")
    assert (await _upgrade(shop, "1.1.0")).json()["code"] == "plugin_denied"
    plan = await shop.client.get("/projects/shop/installs/find_host/upgrade?from=1.0.0&to=1.1.0")
    assert plan.json()["refusal"] == "the policy of the project denies find_host: no rule allows it"
    assert await _versions(shop) == ["1.0.0"]


async def test_a_rollback_takes_flows_back_and_the_version_nothing_needs_away(
    shop: MarketplaceHouse, flows: KeptFlows
) -> None:
    await _upgrade(shop, "1.1.0", flows=[FLOW], publish=True)
    answer = await _rollback(shop)
    assert answer.status_code == 200, answer.text
    assert answer.json()["install"]["version"] == "1.0.0"
    assert flows.versions == {FLOW: "1.0.0", OTHER: "1.0.0"}
    assert flows.moves[-1].publish
    assert await _versions(shop) == ["1.0.0"]
    assert (await _rollback(shop)).json()["code"] == "nothing_to_undo"
    (history,) = (await shop.client.get("/projects/shop/installs/find_host/upgrades")).json()["items"]
    assert (history["from_version"], history["to_version"], history["undone_by"]) == ("1.0.0", "1.1.0", "dev")
    assert [each.action for each in await _actions(shop, ["plugin.rolled_back", "plugin.uninstalled"])] == [
        "plugin.rolled_back", "plugin.uninstalled"
    ]  # fmt: skip


async def test_a_rollback_installs_the_older_version_again_and_leaves_what_others_use(
    shop: MarketplaceHouse, flows: KeptFlows
) -> None:
    await _upgrade(shop, "1.1.0", flows=[FLOW])
    flows.versions[OTHER] = "1.1.0"
    assert (await shop.client.delete("/projects/shop/installs/find_host?version=1.0.0")).status_code == 204
    assert (await _rollback(shop)).status_code == 200
    assert flows.versions == {FLOW: "1.0.0", OTHER: "1.1.0"}
    assert sorted(await _versions(shop)) == ["1.0.0", "1.1.0"]


async def test_a_rollback_is_planned_with_what_it_would_change_and_which_flows_it_takes_back(
    shop: MarketplaceHouse, flows: KeptFlows
) -> None:
    await _grown(shop)
    path = "/projects/shop/installs/find_host/rollback"
    assert (await shop.client.get(path)).json()["code"] == "nothing_to_undo"
    consent = ["cmdb:read", "cmdb.list_hosts"]
    assert (await _upgrade(shop, "1.2.0", flows=[FLOW], publish=True, consent_scopes=consent)).status_code == 200
    flows.breaking = "1.0.0"
    answer = await shop.client.get(path, headers=as_user("viewer"))
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert (plan["from_version"], plan["to_version"], plan["made_by"]) == ("1.2.0", "1.0.0", "dev")
    assert (plan["added_scopes"], plan["removed_scopes"]) == ([], ["cmdb.list_hosts"])
    assert plan["flows"] == [{"flow_id": FLOW, "flow_name": "a", "published": True}]
    assert plan["broken"][0]["breakages"][0]["problem"] == "is missing"
    assert await _versions(shop) == ["1.0.0", "1.2.0"]
    flows.versions[FLOW] = "1.1.0"
    assert (await shop.client.get(path)).json()["flows"] == [], "somebody moved it on"


async def test_a_version_in_use_is_removed_by_force_alone(shop: MarketplaceHouse) -> None:
    refused = await shop.client.delete("/projects/shop/installs/find_host")
    assert (refused.status_code, refused.json()["code"]) == (409, "plugin_in_use")
    assert [each["problem"] for each in refused.json()["errors"]] == [
        "the draft of 'a' runs find_host 1.0.0",
        "revision 1 of 'a' runs find_host 1.0.0",
        "the draft of 'b' runs find_host 1.0.0",
        "revision 1 of 'b' runs find_host 1.0.0",
    ]
    assert await _versions(shop) == ["1.0.0"]
    assert (await shop.client.delete("/projects/shop/installs/find_host?force=true")).status_code == 204
    (kept,) = await _actions(shop, ["plugin.uninstalled"])
    assert (kept.before or {})["used_by"][0] == "the draft of 'a'"
    assert await _versions(shop) == []


@pytest.mark.parametrize(
    ("follows", "version"), [("none", "1.0.0"), (None, "1.0.0"), ("patch", "1.0.1"), ("minor", "1.1.0")]
)
async def test_installs_follow_new_versions_as_far_as_the_policy_says(
    shop: MarketplaceHouse, flows: KeptFlows, follows: str | None, version: str
) -> None:
    await _policy(shop, auto_update=follows)
    await shop.unit.auto_updates.run()
    assert set(flows.versions.values()) == {version}
    assert version in await _versions(shop)
    again = len(flows.moves)
    await shop.unit.auto_updates.run()
    assert len(flows.moves) == again
    kept = await _actions(shop, ["plugin.upgraded"])
    assert [(each.actor, (each.after or {})["automatic"]) for each in kept] == [("plugin-updates", True)] * again


@pytest.mark.parametrize("why", ["scopes", "breaks", "pinned", "denied"])
async def test_an_install_does_not_follow_by_itself_where_somebody_must_look(
    shop: MarketplaceHouse, flows: KeptFlows, why: str
) -> None:
    await _grown(shop, "1.0.2" if why == "scopes" else "1.9.0")
    flows.breaking = "1.0.1" if why == "breaks" else ""
    rules = [{"effect": "deny", "plugins": ["find_host"]}] if why == "denied" else []
    await _policy(shop, auto_update="patch", rules=rules, pinned=["find_host"] if why == "pinned" else [])
    await shop.unit.auto_updates.run()
    assert await _versions(shop) == ["1.0.0"]
    assert flows.moves == []


async def test_a_person_has_installs_follow_at_once(shop: MarketplaceHouse, flows: KeptFlows) -> None:
    await _policy(shop, auto_update="minor")
    answer = await shop.client.post("/projects/shop/installs:update", headers=as_user("dev"))
    assert [(each["to_version"], each["made_by"]) for each in answer.json()["items"]] == [("1.1.0", "dev")]
    assert (await shop.client.post("/projects/shop/installs:update", headers=as_user("viewer"))).status_code == 403


@pytest.mark.parametrize("user", ["viewer", "stranger"])
async def test_upgrades_and_rollbacks_need_permission(shop: MarketplaceHouse, user: str) -> None:
    assert (await _upgrade(shop, "1.1.0", user)).status_code == 403
    await _upgrade(shop, "1.1.0")
    assert (await _rollback(shop, user)).status_code == 403
    assert await _versions(shop) == ["1.0.0", "1.1.0"]


async def test_a_version_is_not_upgraded_to_itself(shop: MarketplaceHouse) -> None:
    """It would stand before the last upgrade that can be rolled back."""
    assert (await _upgrade(shop, "1.1.0")).status_code == 200
    refused = await _upgrade(shop, "1.1.0", from_version="1.1.0")
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["to_version"]
    assert (await _rollback(shop)).json()["from_version"] == "1.0.0"


async def test_what_is_not_there_is_neither_upgraded_nor_upgraded_to(shop: MarketplaceHouse) -> None:
    assert (await _upgrade(shop, "9.0.0")).json()["code"] == "plugin_unknown"
    assert (await _upgrade(shop, "1.1.0", from_version="0.1.0")).json()["code"] == "not_installed"
    assert (await _upgrade(shop, "1.1.0", flows=["x"])).status_code == 422
