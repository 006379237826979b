"""Flows in the catalogue: published, shown and withdrawn as plugins are, and never installed."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.contracts.flow_market import FlowWish
from kernel.errors import FieldProblem, PermissionDenied
from kernel.principal import Principal, PrincipalKind
from marketplace.package.errors import PackageRefused
from marketplace.package.signatures import public_half
from marketplace.package.signing import sign_archive
from tests.marketplace.package.test_flow_package import CONTENT
from tests.support.marketplace import OTHER_PROJECT, PROJECT, MarketplaceHouse
from tests.support.packages import FIND_HOST

ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)
WISH = FlowWish(
    code="check_disks",
    version="1.0.0",
    publisher="acme",
    name={"en": "Check disks", "zh": "检查磁盘"},
    description={"en": "Checks.", "zh": "检查。"},
    tags=("disk",),
    readme="Checks disks.",
    changelog="First version.",
    document=CONTENT,
    form={"schema": {"type": "object", "properties": {"ip": {"type": "string"}}}, "uischema": None, "i18n": {}},
    outputs=("free",),
    plugins={"find_host": ">=1.0.0 <2.0.0"},
    secrets=("vault-pin",),
)


async def _publish(house: MarketplaceHouse, principal: Principal = ADMIN, **changed: Any) -> str:
    async with house.database.unit_of_work() as session:
        made = await house.unit.flows.publish(session, principal, replace(WISH, **changed))
    return made.outcome


async def test_a_flow_is_found_shown_and_never_installed(house: MarketplaceHouse) -> None:
    assert await _publish(house) == "published"
    assert await _publish(house) == "unchanged"
    found = (await house.client.get("/plugins", params={"kind": "flow"})).json()["items"]
    assert [each["code"] for each in found] == ["check_disks"]
    shown = (await house.client.get("/plugins/check_disks/versions/1.0.0/flow")).json()
    assert shown["definition"] == CONTENT["definition"]
    assert (shown["flows"]["flow-1"]["name"], shown["secrets"]) == ("Inner", ["vault-pin"])
    assert shown["plugins"] == {"find_host": ">=1.0.0 <2.0.0"}
    view = (await house.client.get("/plugins/check_disks/versions/1.0.0")).json()
    assert (view["kind"], list(view["outputs"]["properties"])) == ("flow", ["free"])
    refused = await house.install("check_disks", [])
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "plugin")
    await house.publish(FIND_HOST)
    assert (await house.client.get("/plugins/find_host/versions/1.0.0/flow")).status_code == 404


async def test_its_number_says_what_changes_for_those_who_launch_it(house: MarketplaceHouse) -> None:
    await _publish(house)
    asks = {"schema": {"type": "object", "properties": {"ip": {"type": "integer"}}}, "uischema": None, "i18n": {}}
    with pytest.raises(PackageRefused) as refused:
        await _publish(house, version="1.0.1", form=asks)
    assert "inputs.ip" in [field.field for field in refused.value.fields]
    assert await _publish(house, version="2.0.0", form=asks) == "published"


async def test_what_is_yanked_is_not_taken_anew(house: MarketplaceHouse) -> None:
    await _publish(house)
    await house.publish(FIND_HOST)
    await house.publish({**FIND_HOST, "version": "1.1.0-rc.1"})
    async with house.database.reading() as session:
        assert (await house.unit.flows.get(session, "check_disks", "1.0.0")).withdrawn is None
        assert await house.unit.flows.fitting(session, "find_host", ">=1.0.0 <2.0.0") == "1.0.0"
        assert await house.unit.flows.fitting(session, "find_host", ">=2.0.0") is None
    for code in ("check_disks", "find_host"):
        yanked = await house.client.put(f"/plugins/{code}/versions/1.0.0/yank", json={"message": "wrong disks"})
        assert yanked.status_code == 204, yanked.text
    async with house.database.reading() as session:
        withdrawn = (await house.unit.flows.get(session, "check_disks", "1.0.0")).withdrawn
        assert withdrawn is not None
        assert "wrong disks" in withdrawn
        assert await house.unit.flows.fitting(session, "find_host", ">=1.0.0 <2.0.0") is None


async def test_projects_that_took_it_are_counted_as_installs_are(house: MarketplaceHouse) -> None:
    await _publish(house)
    await house.publish(FIND_HOST)
    async with house.database.unit_of_work() as session:
        for project in (PROJECT, OTHER_PROJECT, PROJECT):
            await house.unit.flows.note_taken(session, project.id, "check_disks")
    await house.install("find_host", ["cmdb:read"])
    found = (await house.client.get("/plugins", params={"sort": "installs"})).json()["items"]
    assert [(each["code"], each["installs"]) for each in found] == [("check_disks", 2), ("find_host", 1)]


async def test_its_publisher_signs_it_before_it_is_published_and_goes_on_signing(house: MarketplaceHouse) -> None:
    key = Ed25519PrivateKey.generate()
    signed = sign_archive(await house.unit.flows.pack(WISH), [key])
    zipped = {"Content-Type": "application/zip"}
    made = await house.client.post("/plugins", content=signed, headers=zipped)
    assert (made.status_code, made.json()["signers"]) == (201, [public_half(key)])
    assert await _publish(house) == "unchanged", "the same content"
    with pytest.raises(PackageRefused) as refused:
        await _publish(house, version="1.0.1")
    assert [field.field for field in refused.value.fields] == ["SIGNATURES"]


async def test_a_flow_that_can_not_be_read_or_is_not_theirs_to_publish_is_refused(house: MarketplaceHouse) -> None:
    with pytest.raises(PermissionDenied):
        await _publish(house, Principal(PrincipalKind.USER, "stranger"))

    class Unreadable:
        def problems(self, _document: Any) -> list[FieldProblem]:
            return [FieldProblem("flow.json: definition", "can't be read")]

    house.unit.flow_definitions = Unreadable()
    with pytest.raises(PackageRefused) as refused:
        await _publish(house)
    assert [field.field for field in refused.value.fields] == ["flow.json: definition"]
