"""Each role's rights as a table, asked of the authorizer on a database: everything not listed is denied."""

import pytest

from gateway.identity.authorization.authorizer import RoleAuthorizer
from gateway.identity.authorization.models import RoleBinding
from gateway.identity.roles import ROLES
from kernel.contracts.authorizer import PLATFORM, Action, Resource, ResourceKind
from kernel.db.database import Database
from kernel.errors import Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind, system_principal
from tests.support.roles import ALLOWED, EVERYBODY

ANN = Principal(PrincipalKind.USER, "ann")


async def _bind(database: Database, role: str, resource: Resource, username: str = "ann") -> None:
    async with database.unit_of_work() as session:
        binding = RoleBinding(username=username, role=role, resource_kind=resource.kind.value, resource_id=resource.id)
        session.add(binding)


async def _allowed(database: Database, resource: Resource, principal: Principal = ANN) -> set[str]:
    authorizer = RoleAuthorizer()
    async with database.reading() as session:
        return {action.value for action in Action if await authorizer.allows(session, principal, action, resource)}


def test_the_table_knows_every_role() -> None:
    assert set(ALLOWED) == {(kind.value, role) for kind, roles in ROLES.items() for role in roles}


@pytest.mark.parametrize(("kind", "role"), sorted(ALLOWED))
async def test_a_role_allows_what_the_table_says_there_and_below_and_nowhere_else(
    database: Database, kind: str, role: str
) -> None:
    place = PLATFORM if kind == "platform" else Resource(ResourceKind(kind), "one")
    elsewhere = Resource(ResourceKind(kind), "two")
    below = Resource(ResourceKind.TASK, "t", (Resource(ResourceKind.FLOW, "f", (place,)),))
    await _bind(database, role, place)
    expected = ALLOWED[kind, role] | EVERYBODY
    assert await _allowed(database, place) == expected
    assert await _allowed(database, below) == expected
    assert await _allowed(database, elsewhere) == (expected if kind == "platform" else EVERYBODY)
    assert await _allowed(database, place, Principal(PrincipalKind.USER, "bob")) == EVERYBODY


async def test_without_a_role_a_person_may_only_look_at_systems_and_found_a_project(database: Database) -> None:
    assert await _allowed(database, PLATFORM) == EVERYBODY


async def test_an_app_has_no_roles_even_under_a_persons_name(database: Database) -> None:
    await _bind(database, "owner", Resource(ResourceKind.PROJECT, "one"))
    app = Principal(PrincipalKind.APP, "ann")
    assert await _allowed(database, Resource(ResourceKind.PROJECT, "one"), app) == set()
    async with database.reading() as session:
        authorizer = RoleAuthorizer()
        found = await authorizer.resources_allowing(session, app, Action.FLOW_VIEW, ResourceKind.PROJECT)
        assert found == frozenset()
        with pytest.raises(PermissionDenied, match="needs a person; the app ann has no roles"):
            await authorizer.require(session, app, Action.FLOW_VIEW, Resource(ResourceKind.PROJECT, "one"))


async def test_the_launcher_of_a_task_may_watch_and_operate_it_and_no_other(database: Database) -> None:
    project = Resource(ResourceKind.PROJECT, "one")
    own = Resource(ResourceKind.TASK, "t1", (project,), created_by="ann")
    other = Resource(ResourceKind.TASK, "t2", (project,), created_by="bob")
    assert await _allowed(database, own) == EVERYBODY | {"task.view", "task.operate"}
    assert await _allowed(database, other) == EVERYBODY


@pytest.mark.parametrize(
    ("action", "resource", "words"),
    [
        (
            Action.PROJECT_MANAGE,
            Resource(ResourceKind.PROJECT, "one"),
            ["project.manage", "role owner", "the project one", "ann does not hold", "ask olga, otto"],
        ),
        (
            Action.FLOW_PUBLISH,
            Resource(ResourceKind.FLOW, "f", (Resource(ResourceKind.PROJECT, "one"),)),
            ["flow.publish", "role owner or maintainer", "the project one", "ask olga"],
        ),
        (Action.GRANT_DECIDE, Resource(ResourceKind.SYSTEM, "cmdb"), ["role owner", "the system cmdb", "ask otto"]),
        (Action.SYSTEM_REGISTER, PLATFORM, ["role admin or registrar", "the platform", "ask an administrator"]),
        (Action.APP_MANAGE, Resource(ResourceKind.APP, "lost"), ["the app lost", "ask an administrator"]),
    ],
)
async def test_a_denial_says_what_is_missing_and_whom_to_ask(
    database: Database, action: Action, resource: Resource, words: list[str]
) -> None:
    await _bind(database, "owner", Resource(ResourceKind.PROJECT, "one"), "olga")
    await _bind(database, "owner", Resource(ResourceKind.PROJECT, "one"), "otto")
    await _bind(database, "owner", Resource(ResourceKind.SYSTEM, "cmdb"), "otto")
    async with database.reading() as session:
        with pytest.raises(PermissionDenied) as denied:
            await RoleAuthorizer().require(session, ANN, action, resource)
    for word in words:
        assert word in denied.value.detail


async def test_roles_are_bound_to_people_that_exist_and_by_names_the_kind_knows(database: Database) -> None:
    root, authorizer = system_principal("test"), RoleAuthorizer()
    project = Resource(ResourceKind.PROJECT, "one")
    async with database.unit_of_work() as session:
        with pytest.raises(NotFound, match="no user ghost"):
            await authorizer.bind_role(session, root, "ghost", "viewer", project)
        with pytest.raises(Invalid, match="launcher is no role on a project"):
            await authorizer.bind_role(session, root, "ghost", "launcher", project)
        with pytest.raises(NotFound, match="ghost is not viewer"):
            await authorizer.unbind_role(session, root, "ghost", "viewer", project)
