"""As an attacker: a person of one project tries everything on another's, and nothing of it changes."""

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from kernel.db.database import Database
from tests.support.management import Management, document
from trunkline.tables import load_metadata

# What moves by itself.
_MOVING = {"gateway_worker"}


async def _state(database: Database) -> dict[str, int]:
    counts: dict[str, int] = {}
    async with database.reading() as session:
        for name, table in load_metadata().tables.items():
            if name not in _MOVING:
                counts[name] = (await session.execute(select(func.count()).select_from(table))).scalar_one()
    return counts


class _Stage:
    """Projects `blue` (of ann, whose only member is vera) and `red` (of mallory, its owner), and blue's grants."""

    def __init__(self, management: Management, ann: httpx.AsyncClient, mallory: httpx.AsyncClient) -> None:
        self.management, self.ann, self.mallory = management, ann, mallory
        self.project, self.grant, self.waiting, self.secret = "", "", "", ""


async def _stage(management: Management) -> _Stage:
    await management.import_system(document())
    stage = _Stage(management, await management.person("ann"), await management.person("mallory"))
    stage.project = (await stage.ann.post("/v1/projects", json={"code": "blue", "name": "Blue"})).json()["id"]
    await stage.mallory.post("/v1/projects", json={"code": "red", "name": "Red"})
    await stage.ann.post("/v1/apps", json={"app_code": "blue-app", "name": "Blue app"})
    stage.secret = (await stage.ann.post("/v1/apps/blue-app/secrets")).json()["id"]
    stage.grant = await management.granted("svc-blue", "cmdb", ["list_hosts"])
    wish = {"app_code": "blue-app", "system": "cmdb", "components": ["get_host"]}
    stage.waiting = (await stage.ann.post("/v1/grants", json=wish)).json()["items"][0]["id"]
    return stage


def _attempts(stage: _Stage) -> list[tuple[str, str, Any]]:
    wish = {"system": "cmdb", "components": ["create_host"], "reason": "mine"}
    members = "members/mallory"
    return [
        ("GET", "/projects/blue", None),
        ("GET", f"/projects/{stage.project}", None),
        ("GET", "/projects/blue/members", None),
        ("PUT", f"/projects/blue/{members}", {"roles": ["owner"]}),
        ("PUT", f"/projects/{stage.project}/{members}", {"roles": ["viewer"]}),
        ("PUT", "/projects/blue/members/ann", {"roles": []}),
        ("GET", "/apps/blue-app", None),
        ("GET", "/apps/svc-blue", None),
        ("GET", "/apps/blue-app/secrets", None),
        ("GET", "/apps/svc-blue/secrets", None),
        ("POST", "/apps/blue-app/secrets", None),
        ("POST", "/apps/svc-blue/secrets", None),
        ("DELETE", f"/apps/blue-app/secrets/{stage.secret}", None),
        ("DELETE", f"/apps/svc-blue/secrets/{stage.secret}", None),
        ("POST", "/grants", {"app_code": "svc-blue", **wish}),
        ("POST", "/grants", {"app_code": "blue-app", **wish}),
        *(
            (method, f"/grants/{grant}{step}", {"comment": "mine"} if step else None)
            for grant in (stage.grant, stage.waiting)
            for method, step in (("GET", ""), ("POST", ":approve"), ("POST", ":refuse"), ("POST", ":revoke"))
        ),
        ("POST", "/systems/cmdb/stages/prod:activate", {"release": "1.0.0"}),
        ("GET", "/users", None),
        ("POST", "/users", {"username": "mallory2", "password": "long enough 1", "is_admin": True}),
    ]


async def test_a_person_of_another_project_gets_nowhere(management: Management) -> None:
    stage = await _stage(management)
    before, revision = await _state(management.kernel.database), management.holder.current.revision
    for method, path, body in _attempts(stage):
        answer = await stage.mallory.request(method, f"/v1{path}", json=body)
        assert answer.status_code in {403, 404}, f"{method} {path}: {answer.status_code} {answer.text}"
    assert await _state(management.kernel.database) == before
    assert await management.unit.live.revision() == revision


async def test_lists_show_nothing_of_another_project(management: Management) -> None:
    stage = await _stage(management)
    for path in ("/apps", "/grants", "/grants?app_code=svc-blue", "/grants?app_code=blue-app", "/grants?system=cmdb"):
        answer = await stage.mallory.get(f"/v1{path}")
        assert "blue" not in answer.text, path
    apps = (await stage.mallory.get("/v1/apps")).json()["items"]
    assert [app["app_code"] for app in apps] == ["svc-red"]
    assert [each["code"] for each in (await stage.mallory.get("/v1/projects")).json()["items"]] == ["red"]


@pytest.mark.parametrize("role", ["viewer", "auditor", "operator", "developer", "maintainer", "owner"])
async def test_members_see_the_service_app_and_nobody_gets_a_secret_of_it(management: Management, role: str) -> None:
    stage = await _stage(management)
    await stage.ann.put("/v1/projects/blue/members/mallory", json={"roles": [role]})
    seen = (await stage.mallory.get("/v1/apps")).json()["items"]
    assert {app["app_code"] for app in seen} == {"svc-red", "svc-blue"}
    assert (await stage.mallory.get("/v1/apps/svc-blue")).json()["project_id"] == stage.project
    before = await _state(management.kernel.database)
    for client in (stage.mallory, stage.ann, management.client):
        made = await client.post("/v1/apps/svc-blue/secrets")
        assert made.status_code in {403, 409}
        listed = await client.get("/v1/apps/svc-blue/secrets")
        assert listed.status_code == 403 or listed.json()["items"] == []
    assert await _state(management.kernel.database) == before
    assert management.holder.current.apps["svc-blue"].secrets == ()


@pytest.mark.parametrize("role", ["viewer", "auditor", "operator", "developer"])
async def test_members_without_the_right_do_not_apply_for_the_service_app(management: Management, role: str) -> None:
    stage = await _stage(management)
    await stage.ann.put("/v1/projects/blue/members/mallory", json={"roles": [role]})
    wish = {"app_code": "svc-blue", "system": "cmdb", "components": ["create_host"]}
    before = await _state(management.kernel.database)
    assert (await stage.mallory.post("/v1/grants", json=wish)).status_code == 403
    assert (await stage.mallory.put("/v1/projects/blue/members/mallory", json={"roles": ["owner"]})).status_code == 403
    assert await _state(management.kernel.database) == before


async def test_whoever_may_ask_may_not_decide(management: Management) -> None:
    stage = await _stage(management)
    wish = {"app_code": "svc-red", "system": "cmdb", "components": ["create_host"]}
    (grant,) = (await stage.mallory.post("/v1/grants", json=wish)).json()["items"]
    for step in ("approve", "refuse", "revoke"):
        assert (
            await stage.mallory.post(f"/v1/grants/{grant['id']}:{step}", json={"comment": "mine"})
        ).status_code == 403
    shard = management.holder.current.apps["svc-red"]
    assert not shard.may_call("cmdb", "cmdb.create_host", management.clock.now().timestamp())


async def test_a_removed_member_is_out_at_once(management: Management) -> None:
    stage = await _stage(management)
    await stage.ann.put("/v1/projects/blue/members/mallory", json={"roles": ["owner"]})
    assert (await stage.mallory.get("/v1/projects/blue/members")).status_code == 200
    await stage.ann.put("/v1/projects/blue/members/mallory", json={"roles": []})
    for method, path, body in _attempts(stage):
        answer = await stage.mallory.request(method, f"/v1{path}", json=body)
        assert answer.status_code in {403, 404}, f"{method} {path}: {answer.status_code}"
