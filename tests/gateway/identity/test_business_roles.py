"""What the CMDB says of a business's people, taken over, with a CMDB that answers what a test says."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.identity.business.reader import BusinessUnreadable
from gateway.identity.business.roles import USUAL_ROLES, roles_of_business
from gateway.identity.business.service import EVERY, BusinessService
from kernel.db.database import Database
from kernel.principal import Principal, PrincipalKind
from tests.support.management import Management, document

ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)


class ScriptedCmdb:
    """Businesses by id; away while `problem` is set."""

    def __init__(self) -> None:
        self.businesses: dict[int, dict[str, Any]] = {}
        self.problem = ""
        self.asked: list[tuple[str, int]] = []

    async def read(
        self, project_id: str, service_app: str, bk_biz_id: int, fields: list[str]
    ) -> Mapping[str, Any] | None:
        self.asked.append((service_app, bk_biz_id))
        if self.problem:
            raise BusinessUnreadable(self.problem)
        return self.businesses.get(bk_biz_id)

    async def aclose(self) -> None:
        """Holds nothing open."""


@pytest.fixture
def cmdb() -> ScriptedCmdb:
    return ScriptedCmdb()


@pytest.fixture
async def service(management: Management, cmdb: ScriptedCmdb) -> BusinessService:
    for name in ("ann", "bob"):
        await management.person(name)
    await management.client.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    found = document()
    found["paths"]["/search_business"] = {"post": {"operationId": "search_business"}}
    assert (await management.import_system(found)).status_code == 200
    services = management.unit.services
    return BusinessService(
        management.kernel.database, services.authorizer, services.projects, services.access.desk, cmdb, management.clock
    )


async def bind(database: Database, service: BusinessService, business: int) -> None:
    async with database.unit_of_work() as session:
        await service.bind(session, ADMIN, "ops", business, USUAL_ROLES)


async def roles(management: Management) -> set[tuple[str, str, str]]:
    found = (await management.client.get("/v1/roles?resource=project:ops")).json()["items"]
    return {(each["username"], role["role"], role["origin"]) for each in found for role in each["roles"]}


OWNER = ("admin", "owner", "given")


async def test_roles_come_and_go_with_the_business_and_given_ones_stay(
    management: Management, database: Database, service: BusinessService, cmdb: ScriptedCmdb
) -> None:
    await management.client.put("/v1/roles?resource=project:ops", json={"username": "bob", "roles": ["viewer"]})
    cmdb.businesses[2] = {"bk_biz_maintainer": "ann", "bk_biz_tester": "bob,ghost"}
    await bind(database, service, 2)
    done = await service.synchronise_now(ADMIN, "ops")
    assert (done.problem, done.strangers) == ("", ["ghost"])
    assert cmdb.asked == [("svc-ops", 2)]
    assert await roles(management) == {
        OWNER,
        ("bob", "viewer", "given"),
        ("bob", "viewer", "cmdb"),
        ("ann", "maintainer", "cmdb"),
    }
    refused = await management.client.put("/v1/roles?resource=project:ops", json={"username": "ann", "roles": []})
    assert [role["origin"] for role in refused.json()["roles"]] == ["cmdb"]
    cmdb.businesses[2] = {"bk_biz_developer": "ann"}
    await service.synchronise_now(ADMIN, "ops")
    assert await roles(management) == {OWNER, ("bob", "viewer", "given"), ("ann", "developer", "cmdb")}
    cmdb.businesses.clear()
    gone = await service.synchronise_now(ADMIN, "ops")
    assert gone.problem == "The CMDB has no business 2"
    assert await roles(management) == {OWNER, ("bob", "viewer", "given")}


async def test_while_the_cmdb_is_away_roles_stay_and_the_reason_is_told(
    management: Management, database: Database, service: BusinessService, cmdb: ScriptedCmdb
) -> None:
    cmdb.businesses[2] = {"operator": "ann"}
    await bind(database, service, 2)
    await service.synchronise_now(ADMIN, "ops")
    cmdb.problem = "cmdb answered 503"
    assert (await service.synchronise_now(ADMIN, "ops")).problem == "cmdb answered 503"
    assert ("ann", "operator", "cmdb") in await roles(management)
    cmdb.problem = ""
    assert (await service.synchronise_now(ADMIN, "ops")).problem == ""


async def test_each_project_has_its_turn_once_in_a_while(
    management: Management, database: Database, service: BusinessService, cmdb: ScriptedCmdb
) -> None:
    await bind(database, service, 2)
    assert [await service.synchronise_due() for _ in range(2)] == [True, False]
    management.clock.advance(seconds=EVERY.total_seconds())
    assert [await service.synchronise_due() for _ in range(2)] == [True, False]
    assert len(cmdb.asked) == 2


async def test_binding_applies_for_the_grant_that_reading_needs(
    management: Management, database: Database, service: BusinessService
) -> None:
    await bind(database, service, 2)
    grants = (await management.client.get("/v1/grants?app_code=svc-ops")).json()["items"]
    assert [(each["system"], each["component"]) for each in grants] == [("cmdb", "search_business")]


async def test_only_who_manages_the_project_binds_it(management: Management, service: BusinessService) -> None:
    assert service is not None
    bob = management.anonymous()
    opened = await bob.post("/v1/session", json={"username": "bob", "password": "password of bob"})
    bob.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    assert (await bob.put("/v1/projects/ops/business", json={"bk_biz_id": 2})).status_code == 403
    assert (await bob.delete("/v1/projects/ops/business")).status_code == 403
    assert (await bob.post("/v1/projects/ops/business:synchronise")).status_code == 403
    unbound = await management.client.get("/v1/projects/ops/business")
    assert (unbound.status_code, unbound.json()) == (200, None)
    wrong = await management.client.put(
        "/v1/projects/ops/business", json={"bk_biz_id": 2, "roles": {"operator": "owner"}}
    )
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("a,b", {"a", "b"}),
        (" a ; b，c ", {"a", "b", "c"}),
        ("", set()),
        (None, set()),
        (["a", 1, ""], {"a"}),
        (7, set()),
    ],
)
def test_people_stand_in_one_text_of_a_business(value: Any, names: set[str]) -> None:
    found = roles_of_business({"operator": value, "bk_biz_secret": "x"}, {"operator": "operator"})
    assert found == {(name, "operator") for name in names}
