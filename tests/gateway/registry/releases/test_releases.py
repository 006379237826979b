"""A release is made of the draft, once, under a version that tells callers what changed."""

from typing import Any

import httpx
import pytest

from gateway.dataplane.usage import UsageCount
from gateway.usage.recorder import UsageRecorder
from tests.support.management import Management, document

RELEASES = "/v1/systems/cmdb/releases"
ADDED = {"method": "GET", "path": "/racks", "title": "Racks"}


async def put(management: Management, name: str, **component: Any) -> None:
    answer = await management.client.put(f"/v1/systems/cmdb/draft/components/{name}", json=component)
    assert answer.status_code == 200, answer.text


async def release(management: Management, **body: Any) -> httpx.Response:
    return await management.client.post(RELEASES, json=body)


async def test_what_is_added_is_a_minor_step_and_what_is_lost_a_major_one(management: Management) -> None:
    await management.import_system(document())
    await put(management, "racks", **ADDED)
    made = (await release(management, comment="racks")).json()
    assert (made["version"], made["level"], made["comment"], made["components_count"]) == ("1.1.0", "added", "racks", 4)
    await put(management, "racks", **ADDED | {"title": "All racks"})
    assert (await release(management)).json()["version"] == "1.1.1"
    await management.client.delete("/v1/systems/cmdb/draft/components/racks")
    lost = (await release(management)).json()
    assert (lost["version"], lost["breaking"]) == ("2.0.0", True)
    assert (await management.client.get(f"{RELEASES}/1.1.0")).json()["components_count"] == 4
    assert management.holder.current.systems["cmdb"].stages["prod"].settings.release == "1.0.0"
    listed = (await management.client.get(RELEASES)).json()["items"]
    assert [each["version"] for each in listed] == ["2.0.0", "1.1.1", "1.1.0", "1.0.0"]


async def test_a_release_goes_live_by_activation(management: Management) -> None:
    await management.import_system(document())
    await put(management, "racks", **ADDED)
    await release(management)
    answer = await management.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "1.1.0"})
    assert answer.json()["live"] is True
    assert "racks" in management.holder.current.systems["cmdb"].stages["prod"].components


async def test_an_unchanged_draft_makes_no_release(management: Management) -> None:
    await management.import_system(document())
    answer = await release(management)
    assert (answer.status_code, answer.json()["code"]) == (409, "unchanged")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": "1.0.0"}, "version"),
        ({"version": "0.9.0"}, "version"),
        ({"version": "1.0.1"}, "version"),
        ({"bump": "patch"}, "bump"),
        ({"version": "1.1.0", "bump": "minor"}, "body"),
        ({"version": "1.1"}, "version"),
    ],
)
async def test_a_version_that_tells_callers_too_little_is_refused(
    management: Management, body: dict[str, Any], field: str
) -> None:
    await management.import_system(document())
    await put(management, "racks", **ADDED)
    answer = await release(management, **body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert len((await management.client.get(RELEASES)).json()["items"]) == 1


async def test_a_breaking_change_under_a_small_step_needs_a_reason_that_is_kept(management: Management) -> None:
    await management.import_system(document())
    await management.client.delete("/v1/systems/cmdb/draft/components/get_host")
    refused = await release(management, bump="minor")
    assert refused.status_code == 422
    assert "2.0.0" in refused.json()["errors"][0]["remedy"]
    forced = (await release(management, bump="minor", force_because="nobody calls it")).json()
    assert (forced["version"], forced["forced_because"]) == ("1.1.0", "nobody calls it")
    published = (await management.audit("system", "cmdb"))[-1]
    assert published.action == "release.published"
    assert published.after is not None
    assert published.after["forced_because"] == "nobody calls it"


async def test_a_reason_that_was_not_needed_is_not_kept(management: Management) -> None:
    await management.import_system(document())
    await put(management, "racks", **ADDED)
    made = (await release(management, version="3.0.0", force_because="x")).json()
    assert (made["version"], made["forced_because"]) == ("3.0.0", "")


async def test_a_diff_says_what_changed_why_and_whom_it_meets(management: Management) -> None:
    await management.import_system(document())
    await management.client.delete("/v1/systems/cmdb/draft/components/get_host")
    await put(management, "racks", **ADDED)
    schema = {
        "type": "object",
        "properties": {"ip": {"type": "string"}, "os": {"type": "string"}},
        "required": ["ip", "os"],
    }
    await put(management, "create_host", method="POST", path="/hosts", body_schema=schema)
    await release(management)
    counts = [UsageCount("cmdb", "prod", "1.0.0", "get_host", "shop", 7, 0)]
    await UsageRecorder(management.kernel.database, management.clock, lambda: counts).record()
    found = (await management.client.get(f"{RELEASES}/1.0.0/diff/2.0.0")).json()
    assert (found["breaking"], found["added"]) == (True, ["racks"])
    assert found["removed"] == [
        {"name": "get_host", "callers": [{"app_code": "shop", "calls": 7, "last_day": "2026-01-02"}]}
    ]
    (changed,) = found["changed"]
    assert (changed["name"], changed["breaking"], changed["callers"]) == ("create_host", True, [])
    assert {"field": "body_schema/os", "text": "is required now", "level": "breaking"} in changed["reasons"]
    back = (await management.client.get(f"{RELEASES}/2.0.0/diff/1.0.0")).json()
    assert ([each["name"] for each in back["removed"]], back["added"]) == (["racks"], ["get_host"])


async def test_a_component_that_few_call_has_its_callers_beside_one_that_many_call(management: Management) -> None:
    await management.import_system(document())
    for name in ("get_host", "list_hosts"):
        await management.client.delete(f"/v1/systems/cmdb/draft/components/{name}")
    counts = [
        UsageCount("cmdb", "prod", "1.0.0", "list_hosts", f"app{number}", 9 + number, 0) for number in range(1200)
    ]
    counts.append(UsageCount("cmdb", "prod", "1.0.0", "get_host", "shop", 1, 0))
    await UsageRecorder(management.kernel.database, management.clock, lambda: counts).record()
    found = (await management.client.get(f"{RELEASES}/1.0.0/diff/draft")).json()
    callers = {each["name"]: [caller["app_code"] for caller in each["callers"]] for each in found["removed"]}
    assert callers["get_host"] == ["shop"]
    assert (callers["list_hosts"][0], len(callers["list_hosts"])) == ("app1199", 100)


async def test_the_draft_is_compared_too_for_those_who_manage_the_system(management: Management) -> None:
    await management.import_system(document())
    await put(management, "racks", **ADDED)
    assert (await management.client.get(f"{RELEASES}/1.0.0/diff/draft")).json()["added"] == ["racks"]
    ann = await management.person("ann")
    assert (await ann.get(f"{RELEASES}/1.0.0/diff/draft")).status_code == 403
    same = (await ann.get(f"{RELEASES}/1.0.0/diff/1.0.0")).json()
    assert (same["breaking"], same["changed"]) == (False, [])
    await management.client.delete("/v1/systems/cmdb/draft/components/get_host")
    await release(management)
    (removed,) = (await ann.get(f"{RELEASES}/1.0.0/diff/2.0.0")).json()["removed"]
    assert removed == {"name": "get_host", "callers": None}
    assert (await ann.get(f"{RELEASES}/1.0.0/diff/9.9.9")).status_code == 404


async def test_only_those_who_manage_the_system_release_it(management: Management) -> None:
    await management.import_system(document())
    await put(management, "racks", **ADDED)
    ann = await management.person("ann")
    assert (await ann.post(RELEASES, json={})).status_code == 403
    assert (await ann.get(RELEASES)).status_code == 200
