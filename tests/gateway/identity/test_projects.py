import pytest

from gateway.identity.roles import ROLES, actions_of
from kernel.contracts.authorizer import Action, Resource, ResourceKind
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from tests.support.management import Management


async def test_members_see_their_project_and_strangers_are_told_whom_to_ask(management: Management) -> None:
    ann, bob = await management.person("ann"), await management.person("bob")
    made = await ann.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    assert made.json()["service_app_code"] == "svc-ops"
    refused = await bob.get("/v1/projects/ops")
    assert refused.status_code == 403
    assert "ask ann" in refused.json()["detail"]
    assert (await bob.get("/v1/projects")).json()["items"] == []
    assert (await ann.put("/v1/projects/ops/members/bob", json={"roles": ["viewer"]})).status_code == 200
    assert (await bob.get("/v1/projects/ops")).json()["id"] == made.json()["id"]
    assert (await bob.put("/v1/projects/ops/members/bob", json={"roles": ["owner"]})).status_code == 403


async def test_the_last_owner_stays(management: Management) -> None:
    ann = await management.person("ann")
    await management.person("bob")
    await ann.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    assert (await ann.put("/v1/projects/ops/members/ann", json={"roles": ["viewer"]})).status_code == 409
    await ann.put("/v1/projects/ops/members/bob", json={"roles": ["owner"]})
    assert (await ann.put("/v1/projects/ops/members/ann", json={"roles": []})).status_code == 200
    assert (await ann.get("/v1/projects/ops")).status_code == 403


async def test_a_taken_code_and_an_unknown_member_change_nothing(management: Management) -> None:
    body = {"code": "ops", "name": "Operations"}
    await management.client.post("/v1/projects", json=body)
    assert (await management.client.post("/v1/projects", json=body)).status_code == 409
    unknown = await management.client.put("/v1/projects/ops/members/ghost", json={"roles": ["viewer"]})
    assert unknown.status_code == 404
    members = (await management.client.get("/v1/projects/ops/members")).json()["items"]
    assert members == [{"username": "admin", "roles": ["owner"]}]


async def test_fields_for_people_offer_members_and_to_who_searches_others_who_may_sign_in(
    management: Management,
) -> None:
    ann, bea = await management.person("ann"), await management.person("bea")
    for name in ("annika", "anno"):
        await management.client.post("/v1/users", json={"username": name})
    await management.client.post("/v1/users/anno:disable")
    await ann.post("/v1/projects", json={"code": "ops", "name": "Operations"})

    async def offered(search: str) -> list[tuple[str, bool]]:
        answer = await ann.get("/v1/projects/ops/people", params={"search": search})
        return [(person["username"], person["is_member"]) for person in answer.json()["items"]]

    assert await offered("") == await offered("a") == [("ann", True)]
    assert await offered(" AN ") == [("ann", True), ("annika", False)]
    assert await offered("a%") == await offered("__") == []
    assert (await bea.get("/v1/projects/ops/people", params={"search": "ann"})).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "Ops", "name": "x"}, "code"),
        ({"code": "ops", "name": ""}, "name"),
        ({"code": "ops", "name": "x\u0000"}, "name"),
        ({"code": "ops"}, "name"),
        ({"code": "ops", "name": "x", "colour": "red"}, "colour"),
        ({"code": "o" * 40, "name": "x"}, "code"),
    ],
)
async def test_a_wrong_field_is_named(management: Management, body: dict[str, str], field: str) -> None:
    answer = await management.client.post("/v1/projects", json=body)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    assert (await management.client.get("/v1/projects")).json()["items"] == []


async def test_rights_on_a_project_reach_its_flows_and_a_launcher_gets_no_more_than_launch(
    management: Management,
) -> None:
    await management.person("ann")
    await management.person("bob")
    authorizer = management.unit.authorizer
    admin = Principal(PrincipalKind.USER, "admin", is_admin=True)
    ann, bob = Principal(PrincipalKind.USER, "ann"), Principal(PrincipalKind.USER, "bob")
    project = Resource(ResourceKind.PROJECT, "p1")
    flow = Resource(ResourceKind.FLOW, "f1", (project,))
    async with management.kernel.database.unit_of_work() as session:
        await authorizer.bind_role(session, admin, "ann", "operator", project)
        await authorizer.bind_role(session, admin, "bob", "launcher", flow)
    async with management.kernel.database.reading() as session:
        assert await authorizer.allows(session, ann, Action.FLOW_LAUNCH, flow)
        assert not await authorizer.allows(session, ann, Action.FLOW_EDIT, flow)
        assert await authorizer.allows(session, bob, Action.FLOW_LAUNCH, flow)
        assert not await authorizer.allows(session, bob, Action.FLOW_VIEW, flow)
        assert not await authorizer.allows(
            session, bob, Action.FLOW_LAUNCH, Resource(ResourceKind.FLOW, "f2", (project,))
        )
        own_task = Resource(ResourceKind.TASK, "t1", (flow, project), created_by="bob")
        assert await authorizer.allows(session, bob, Action.TASK_OPERATE, own_task)
        assert await authorizer.resources_allowing(session, bob, Action.FLOW_LAUNCH, ResourceKind.FLOW) == {"f1"}
        assert await authorizer.resources_allowing(session, admin, Action.FLOW_LAUNCH, ResourceKind.FLOW) is None
        with pytest.raises(PermissionDenied, match=r"flow\.edit needs the role"):
            await authorizer.require(session, bob, Action.FLOW_EDIT, flow)


def test_every_role_but_the_administrators_stays_below_the_platform() -> None:
    for kind, roles in ROLES.items():
        for role in roles:
            may_all = Action.PLATFORM_ADMINISTER in actions_of(kind, role)
            assert may_all == ((kind, role) == (ResourceKind.PLATFORM, "admin"))
