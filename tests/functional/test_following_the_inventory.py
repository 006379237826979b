"""What follows the inventory, read through the gateway as a service app: members of a project, tasks of triggers."""

import sqlite3
import time
from typing import Any

import httpx

from tests.support.patience import PATIENCE_SECONDS
from tests.support.project import publish_flow
from tests.support.stand import Stand


def create_business(stand: Stand, name: str, **people: str) -> int:
    with httpx.Client(
        base_url=f"{stand.url}/api/cmdb/prod", headers={"Authorization": f"Bearer {stand.token}"}
    ) as http:
        answer = http.post("/create_business", json={"data": {"bk_biz_name": name, **people}}).json()
    business: int = answer["data"]["bk_biz_id"]
    return business


def change_business(stand: Stand, business: int, column: str, people: str) -> None:
    """As somebody does in the CMDB."""
    with sqlite3.connect(stand.server.data_dir / "trunkline.db", timeout=PATIENCE_SECONDS) as connection:
        connection.execute(
            f"UPDATE adapter_cmdb_business SET {column} = ? WHERE bk_biz_id = ?",  # noqa: S608  a name of our own
            (people, business),
        )


def roles(stand: Stand, project: str) -> set[tuple[str, str, str]]:
    found = stand.api.get("/roles", resource=f"project:{project}")["items"]
    return {(each["username"], role["role"], role["origin"]) for each in found for role in each["roles"]}


def approve_all(stand: Stand, app_code: str) -> None:
    for grant in stand.api.get("/grants", app_code=app_code)["items"]:
        if grant["state"] == "applied":
            stand.api.post(f"/grants/{grant['id']}:approve", {"comment": ""})


def test_the_people_of_a_business_are_members_as_long_as_they_are_there(stand: Stand) -> None:
    for name in ("mary", "dave"):
        stand.api.post("/users", {"username": name})
    business = create_business(
        stand, "Shop", bk_biz_maintainer="mary,stranger", bk_biz_developer="dave", operator="mary"
    )
    stand.api.post("/projects", {"code": "shop", "name": "Shop"})
    stand.api.put("/roles?resource=project:shop", {"username": "dave", "roles": ["developer"]})
    bound: dict[str, Any] = stand.api.put("/projects/shop/business", {"bk_biz_id": business})
    if bound["synced_at"] is None:
        assert "svc-shop" in bound["problem"]
        assert roles(stand, "shop") == {("admin", "owner", "given"), ("dave", "developer", "given")}
        approve_all(stand, "svc-shop")
        bound = stand.api.post("/projects/shop/business:synchronise", {})
    assert (bound["problem"], bound["strangers"]) == ("", ["stranger"])
    assert roles(stand, "shop") == {
        ("admin", "owner", "given"),
        ("dave", "developer", "given"),
        ("dave", "developer", "cmdb"),
        ("mary", "maintainer", "cmdb"),
        ("mary", "operator", "cmdb"),
    }
    change_business(stand, business, "bk_biz_maintainer", "")
    change_business(stand, business, "bk_biz_developer", "")
    stand.api.post("/projects/shop/business:synchronise", {})
    assert roles(stand, "shop") == {
        ("admin", "owner", "given"),
        ("dave", "developer", "given"),
        ("mary", "operator", "cmdb"),
    }
    stand.api.delete("/projects/shop/business")
    assert roles(stand, "shop") == {("admin", "owner", "given"), ("dave", "developer", "given")}


NAMED = {
    "nodes": [
        {"id": "start", "kind": "start"},
        {"id": "name", "kind": "expression", "values": {"text": "'business ' + inputs.name"}},
        {"id": "end", "kind": "end"},
    ],
    "edges": [{"id": "e1", "source": "start", "target": "name"}, {"id": "e2", "source": "name", "target": "end"}],
    "form": {"schema": {"type": "object", "properties": {"name": {"type": "string"}}}},
}
_PATIENCE = 30.0


def test_a_change_starts_one_task_that_runs_to_its_end(stand: Stand) -> None:
    stand.api.post("/projects", {"code": "watch", "name": "Watch"})
    flow = publish_flow(stand.api, "watch", "Name it", NAMED)
    trigger = stand.api.post(
        f"/flows/{flow}/triggers",
        {
            "kind": "inventory",
            "name": "new businesses",
            "resource": "biz",
            "event_types": ["create"],
            "condition": "event.detail.bk_biz_name.startsWith('Watched')",
            "mapping": {"name": "${event.detail.bk_biz_name}"},
        },
    )["trigger"]["id"]
    approve_all(stand, "svc-watch")
    create_business(stand, "Watched 1")
    create_business(stand, "Other")
    _until(stand, ["Watched 1"])
    create_business(stand, "Watched 2")
    _until(stand, ["Watched 1", "Watched 2"])
    assert stand.api.get(f"/triggers/{trigger}")["problem"] == ""


def _until(stand: Stand, names: list[str]) -> None:
    """Waits until the tasks of exactly these names have finished."""
    deadline = time.monotonic() + _PATIENCE
    found: list[tuple[str, str]] = []
    while time.monotonic() < deadline:
        tasks = [stand.api.get(f"/tasks/{each['id']}") for each in stand.api.get("/projects/watch/tasks")["items"]]
        found = sorted((task["inputs"]["name"], task["state"]) for task in tasks)
        if found == [(name, "FINISHED") for name in names]:
            return
        time.sleep(0.2)
    raise AssertionError(found, stand.api.get("/projects/watch/triggers"))
