"""Random roles given and taken, from random origins, against a plain model: who may do what is the same, always."""

import random
from dataclasses import dataclass, field

import pytest

from gateway.identity.authorization.authorizer import RoleAuthorizer, bind, unbind
from kernel.contracts.authorizer import PLATFORM, Action, HeldRole, Resource, ResourceKind
from kernel.db.database import Database
from kernel.principal import Principal, PrincipalKind, system_principal
from tests.support.roles import ALLOWED, EVERYBODY

STEPS = 120
PEOPLE = ("ann", "bob", "eve")
ORIGINS = ("given", "cmdb", "idp:corp")
PROJECTS = [Resource(ResourceKind.PROJECT, name) for name in ("p1", "p2")]
FLOWS = [Resource(ResourceKind.FLOW, f"{p.id}-f", (p,)) for p in PROJECTS]
TASKS = [Resource(ResourceKind.TASK, f"{f.id}-t", (f,), created_by="eve") for f in FLOWS]
SYSTEMS = [Resource(ResourceKind.SYSTEM, name) for name in ("cmdb", "job")]
APPS = [Resource(ResourceKind.APP, "svc-p1", (PROJECTS[0],)), Resource(ResourceKind.APP, "own")]
PLACES = [PLATFORM, *PROJECTS, *FLOWS, *TASKS, *SYSTEMS, *APPS]
SCOPES = {"read": {"system.view", "project.view", "flow.view", "task.view", "audit.view"}}

Held = tuple[str, str, str, str, str]


@dataclass
class Model:
    """Who holds what, as a set; no more cleverness than that."""

    held: set[Held] = field(default_factory=set)

    def allows(self, principal: Principal, action: str, place: Resource) -> bool:
        if principal.scopes is not None and action not in SCOPES["read"]:
            return False
        above = self._above(place)
        if principal.confined_to is not None and ("project", principal.confined_to) not in above:
            return False
        if action in EVERYBODY:
            return True
        own = place.kind is ResourceKind.TASK and place.created_by == principal.id
        if own and action in {"task.view", "task.operate"}:
            return True
        return any(
            person == principal.id and (kind, identifier) in above and action in ALLOWED[kind, role]
            for person, kind, identifier, role, _ in self.held
        )

    def _above(self, place: Resource) -> set[tuple[str, str]]:
        found = {("platform", "platform"), (place.kind.value, place.id)}
        for parent in place.parents:
            found |= self._above(parent)
        return found

    def directly(self, principal: Principal, action: str, kind: ResourceKind) -> set[str] | None:
        if self.allows(principal, action, PLATFORM):
            return None
        return {
            identifier
            for person, held_kind, identifier, role, _ in self.held
            if (person, held_kind) == (principal.id, kind.value) and action in ALLOWED[held_kind, role]
        }


@pytest.mark.parametrize("seed", range(3))
async def test_who_may_do_what_is_what_a_plain_model_says(database: Database, seed: int) -> None:
    dice, model, authorizer = random.Random(seed), Model(), RoleAuthorizer()  # noqa: S311  dice
    root = system_principal("test")
    for _ in range(STEPS):
        place, person, origin = dice.choice(PLACES), dice.choice(PEOPLE), dice.choice(ORIGINS)
        role = dice.choice([role for kind, role in ALLOWED if kind == place.kind.value])
        held = (person, place.kind.value, place.id, role, origin)
        async with database.unit_of_work() as session:
            if held in model.held or dice.random() < 0.3:
                assert await unbind(session, root, person, role, place, origin) == (held in model.held)
                model.held.discard(held)
            else:
                await bind(session, root, person, role, place, origin)
                model.held.add(held)
        async with database.reading() as session:
            for _ in range(12):
                place, action = dice.choice(PLACES), dice.choice(list(Action))
                principal = _principal(dice)
                expected = model.allows(principal, action.value, place)
                explanation = await authorizer.explain(session, principal, action, place)
                assert await authorizer.allows(session, principal, action, place) == expected
                assert explanation.decision.allowed == expected
                _explains(model, explanation.decision.by, principal, action)
            kind = dice.choice([ResourceKind.PROJECT, ResourceKind.FLOW, ResourceKind.SYSTEM])
            person, action = Principal(PrincipalKind.USER, dice.choice(PEOPLE)), dice.choice(list(Action))
            found = await authorizer.resources_allowing(session, person, action, kind)
            assert found == model.directly(person, action.value, kind)


def _principal(dice: random.Random) -> Principal:
    return Principal(
        PrincipalKind.USER,
        dice.choice(PEOPLE),
        scopes=frozenset({"read"}) if dice.random() < 0.2 else None,
        confined_to="p1" if dice.random() < 0.2 else None,
    )


def _explains(model: Model, by: HeldRole | None, principal: Principal, action: Action) -> None:
    """The role that is said to decide is one that the person holds, and it allows that."""
    if by is None:
        return
    resource, role, origin = by.resource, by.role, by.origin
    assert (principal.id, resource.kind.value, resource.id, role, origin) in model.held
    assert action.value in ALLOWED[resource.kind.value, role]
