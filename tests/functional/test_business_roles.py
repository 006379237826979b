"""A project's members follow the people of its CMDB business, asked through the gateway as its service app."""

import sqlite3
from typing import Any

import httpx

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
    with sqlite3.connect(stand.server.data_dir / "trunkline.db", timeout=30) as connection:
        connection.execute(
            f"UPDATE adapter_cmdb_business SET {column} = ? WHERE bk_biz_id = ?",  # noqa: S608  a name of our own
            (people, business),
        )


def roles(stand: Stand, project: str) -> set[tuple[str, str, str]]:
    found = stand.api.get("/roles", resource=f"project:{project}")["items"]
    return {(each["username"], role["role"], role["origin"]) for each in found for role in each["roles"]}


def approve_all(stand: Stand, app_code: str) -> None:
    for grant in stand.api.get("/grants", app=app_code)["items"]:
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
