"""What is a person's own, by a token that carries less than his rights: no more of it than the token says."""

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.db.pages import PageRequest
from kernel.errors import PermissionDenied
from kernel.principal import Principal, PrincipalKind
from orchestrator.tasks.filters import TaskFilter
from tests.support.contracts import plugin
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node


def _token(*scopes: str, project: str | None = None) -> Principal:
    return Principal(PrincipalKind.USER, "lee", scopes=frozenset(scopes) if scopes else None, confined_to=project)


@pytest.fixture
async def owned(house: OrchestratorHouse) -> dict[str, str]:
    """A task, a schedule and a request of somebody who has no role but on their flow."""
    house.plugins.by_project[PROJECT.id] = [plugin("find")]
    flow = await house.publish(flow_of(plugin_node("find", "find")))
    house.authorizer.allow("lee", ResourceKind.FLOW, flow, Action.FLOW_LAUNCH, Action.FLOW_REQUEST)
    schedule = {"name": "nightly", "cron": "0 3 * * *"}
    wanted: dict[str, tuple[str, dict[str, Any]]] = {
        "tasks": ("tasks", {}),
        "schedules": ("schedules", schedule),
        "requests": ("task-requests", {}),
    }
    made = {}
    for kind, (path, body) in wanted.items():
        answer = await house.client.post(f"/flows/{flow}/{path}", json=body, headers=as_user("lee"))
        assert answer.status_code == 201, answer.text
        made[kind] = answer.json()["id"]
    return made


async def _listed(house: OrchestratorHouse, session: AsyncSession, token: Principal) -> dict[str, list[str]]:
    """Kind → ids; without the kinds that the token is refused."""
    unit, page = house.unit, PageRequest()
    found: dict[str, list[str]] = {}
    with suppress(PermissionDenied):
        found["tasks"] = [task.id for task in (await unit.tasks.list_own(session, token, TaskFilter(), page)).items]
    with suppress(PermissionDenied):
        found["schedules"] = [seen.schedule.id for seen in (await unit.schedules.list_own(session, token, page)).items]
    with suppress(PermissionDenied):
        found["requests"] = [seen.request.id for seen in (await unit.handover.list_own(session, token, (), page)).items]
    with suppress(PermissionDenied):
        assert await unit.consents.own(session, token) == []
        assert "schedules" in found, "consents are seen by whoever sees flows"
    return found


async def test_a_token_lists_its_owners_own_as_far_as_its_scopes_say(
    house: OrchestratorHouse, owned: dict[str, str]
) -> None:
    every = {kind: [name] for kind, name in owned.items()}
    tasks, flows = {"tasks": every["tasks"]}, {kind: every[kind] for kind in ("schedules", "requests")}
    cases: list[tuple[Principal, dict[str, list[str]]]] = [
        (_token(), every),
        (_token("read"), every),
        (_token("task:read"), tasks),
        (_token("flow"), flows),
        (_token("flow:read"), flows),
        (_token("system", "project"), {}),
        (_token(project=PROJECT.id), every),
        (_token("task", project=PROJECT.id), tasks),
        (_token(project=OTHER_PROJECT.id), {kind: [] for kind in owned}),
    ]
    async with house.database.reading() as session:
        for token, listed in cases:
            assert await _listed(house, session, token) == listed, token


async def test_what_a_token_lists_it_reads_and_changes_as_far_as_its_scopes_say(
    house: OrchestratorHouse, owned: dict[str, str]
) -> None:
    schedules, handover = house.unit.schedules, house.unit.handover
    async with house.database.unit_of_work() as session:
        reader = _token("read", project=PROJECT.id)
        assert (await schedules.get(session, reader, owned["schedules"])).schedule.owner == "lee"
        assert (await handover.get(session, reader, owned["requests"])).request.requester == "lee"
        for token in (_token("system"), _token(project=OTHER_PROJECT.id)):
            with pytest.raises(PermissionDenied):
                await schedules.get(session, token, owned["schedules"])
            with pytest.raises(PermissionDenied):
                await handover.get(session, token, owned["requests"])
        with pytest.raises(PermissionDenied):
            await schedules.remove(session, reader, owned["schedules"])
        with pytest.raises(PermissionDenied):
            await handover.withdraw(session, reader, owned["requests"])
        maker = _token("flow")
        await schedules.remove(session, maker, owned["schedules"])
        assert (await handover.withdraw(session, maker, owned["requests"])).request.state == "withdrawn"
