from typing import Any

import pytest
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.errors import Unavailable
from marketplace.installs.models import InstallRow
from tests.support.marketplace import OTHER_PROJECT, PROJECT, MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, RUN_SCRIPT, manifest_of

SCOPES = ["job:execute", "job:read"]


@pytest.fixture
async def shop(house: MarketplaceHouse) -> MarketplaceHouse:
    """With two plugins published."""
    assert (await house.publish(FIND_HOST)).status_code == 201
    assert (await house.publish(RUN_SCRIPT)).status_code == 201
    return house


async def _installs(house: MarketplaceHouse, project: str = "shop") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await house.client.get(f"/projects/{project}/installs")).json()["items"]
    return items


async def test_an_install_records_the_consent_and_applies_for_grants(shop: MarketplaceHouse) -> None:
    answer = await shop.install("run_script", SCOPES, user="dev")
    assert answer.status_code == 201, answer.text
    view = answer.json()
    assert view["scopes"] == SCOPES
    assert view["installed_by"] == "dev"
    assert [(grant["system"], grant["component"], grant["state"]) for grant in view["grants"]] == [
        ("job", "execute", "applied"),
        ("job", "status", "applied"),
        ("job", "log", "applied"),
    ]
    assert shop.grant_desk.reasons == ["Plugin Run script (run_script 1.0.0)"]
    assert view["yanked"] is None
    assert await _installs(shop) == [view]
    assert await _installs(shop, "bank") == []


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        ([], ["lacks job:execute", "lacks job:read"]),
        (["job:execute"], ["lacks job:read"]),
        ([*SCOPES, "cmdb:write"], ["holds cmdb:write, which the version doesn't ask for"]),
        (["JOB:EXECUTE", "job:read"], ["lacks job:execute", "holds JOB:EXECUTE, which the version doesn't ask for"]),
    ],
)
async def test_consent_must_be_to_exactly_what_is_asked_for(
    shop: MarketplaceHouse, consent: list[str], said: list[str]
) -> None:
    answer = await shop.install("run_script", consent)
    assert answer.status_code == 422
    assert [(each["field"], each["problem"]) for each in answer.json()["errors"]] == [
        ("consent_scopes", words) for words in said
    ]
    assert await _installs(shop) == []
    assert shop.grant_desk.filed == {}


async def test_installing_again_changes_nothing_but_renews_the_applications(shop: MarketplaceHouse) -> None:
    first = (await shop.install("find_host", ["cmdb:read"], user="dev")).json()
    assert (await shop.install("find_host", ["cmdb:read"], user="admin")).json() == first
    assert len(shop.grant_desk.reasons) == 2
    async with shop.database.reading() as session:
        rows = await session.execute(select(AuditRecord).where(col(AuditRecord.action) == "plugin.installed"))
        (kept,) = rows.scalars()
    assert (kept.actor, kept.project_id, kept.after is not None and kept.after["scopes"]) == (
        "dev", PROJECT.id, ["cmdb:read"]
    )  # fmt: skip


async def test_versions_stand_side_by_side(shop: MarketplaceHouse) -> None:
    await shop.publish(manifest_of(FIND_HOST, version="1.1.0"))
    for version in ("1.0.0", "1.1.0"):
        assert (await shop.install("find_host", ["cmdb:read"], version)).status_code == 201
    assert [each["version"] for each in await _installs(shop)] == ["1.0.0", "1.1.0"]
    removed = await shop.client.delete("/projects/shop/installs/find_host?version=1.0.0")
    assert removed.status_code == 204
    assert [each["version"] for each in await _installs(shop)] == ["1.1.0"]


async def test_removing_takes_all_versions_and_is_audited(shop: MarketplaceHouse) -> None:
    await shop.publish(manifest_of(FIND_HOST, version="1.1.0"))
    for version in ("1.0.0", "1.1.0"):
        await shop.install("find_host", ["cmdb:read"], version)
    assert (await shop.client.delete("/projects/shop/installs/find_host", headers=as_user("dev"))).status_code == 204
    assert await _installs(shop) == []
    async with shop.database.reading() as session:
        rows = await session.execute(select(AuditRecord).where(col(AuditRecord.action) == "plugin.uninstalled"))
        kept = list(rows.scalars())
    assert [record.before for record in kept] == [
        {"version": "1.0.0", "scopes": ["cmdb:read"]},
        {"version": "1.1.0", "scopes": ["cmdb:read"]},
    ]
    assert (await shop.client.delete("/projects/shop/installs/find_host")).status_code == 404


async def test_what_is_not_published_cannot_be_installed(shop: MarketplaceHouse) -> None:
    for plugin, version in (("nothing", "1.0.0"), ("find_host", "9.0.0")):
        answer = await shop.install(plugin, [], version)
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["field"] == "version"


@pytest.mark.parametrize("user", ["viewer", "stranger"])
async def test_installing_and_removing_need_permission(shop: MarketplaceHouse, user: str) -> None:
    await shop.install("find_host", ["cmdb:read"])
    assert (await shop.install("run_script", SCOPES, user=user)).status_code == 403
    answer = await shop.client.delete("/projects/shop/installs/find_host", headers=as_user(user))
    assert answer.status_code == 403
    assert len(await _installs(shop)) == 1


async def test_rights_in_one_project_say_nothing_of_another(shop: MarketplaceHouse) -> None:
    assert (await shop.install("find_host", ["cmdb:read"], project="bank", user="dev")).status_code == 403
    assert (await shop.client.get("/projects/bank/installs", headers=as_user("dev"))).status_code == 403
    assert (await shop.client.get("/projects/none/installs")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b"{}", "plugin"),
        (b'{"plugin": 1, "version": "1.0.0", "consent_scopes": []}', "plugin"),
        (b'{"plugin": "A B", "version": "1.0.0", "consent_scopes": []}', "plugin"),
        (b'{"plugin": "find_host", "version": null, "consent_scopes": []}', "version"),
        (b'{"plugin": "find_host", "version": "1.0.0\\u0000", "consent_scopes": []}', "version"),
        (b'{"plugin": "find_host", "version": "1.0.0"}', "consent_scopes"),
        (b'{"plugin": "find_host", "version": "1.0.0", "consent_scopes": "cmdb:read"}', "consent_scopes"),
        (b'{"plugin": "find_host", "version": "1.0.0", "consent_scopes": [1]}', "consent_scopes.0"),
        (b'{"plugin": "find_host", "version": "1.0.0", "consent_scopes": [], "force": true}', "force"),
        (b"[" * 10_000, "body"),
        (b'{"a":' * 10_000, "a"),
    ],
)
async def test_a_malformed_body_is_refused_by_field(shop: MarketplaceHouse, body: bytes, field: str) -> None:
    answer = await shop.client.post(
        "/projects/shop/installs", content=body, headers={"Content-Type": "application/json"}
    )
    assert 400 <= answer.status_code < 500, answer.text
    assert field in [each["field"] for each in answer.json()["errors"]]
    assert await _installs(shop) == []


async def test_the_orchestrator_sees_what_is_installed_in_a_project(shop: MarketplaceHouse) -> None:
    await shop.install("run_script", SCOPES)
    async with shop.database.reading() as session:
        (found,) = await shop.unit.plugin_directory.installed(session, PROJECT.id)
        assert await shop.unit.plugin_directory.installed(session, OTHER_PROJECT.id) == []
    assert (found.code, found.version, found.scopes) == ("run_script", "1.0.0", frozenset(SCOPES))
    assert found.inputs == RUN_SCRIPT["inputs"]
    assert found.outputs == RUN_SCRIPT["outputs"]
    assert found.name == RUN_SCRIPT["name"]


async def test_the_orchestrator_sees_what_a_project_consented_to(shop: MarketplaceHouse) -> None:
    await shop.install("run_script", SCOPES)
    async with shop.database.reading() as session:
        assert await shop.unit.plugin_directory.consented(session, PROJECT.id) == {
            ("run_script", "1.0.0"): frozenset(SCOPES)
        }
        assert await shop.unit.plugin_directory.consented(session, OTHER_PROJECT.id) == {}


async def test_a_refused_install_leaves_no_row(shop: MarketplaceHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_args: object) -> None:
        raise Unavailable("the desk is away")

    monkeypatch.setattr(type(shop.grant_desk), "apply_for_components", away)
    assert (await shop.install("find_host", ["cmdb:read"])).status_code == 503
    async with shop.database.reading() as session:
        assert (await session.execute(select(InstallRow))).scalars().all() == []
