"""What a trigger would make of a sample: told before it is made, and nothing comes of it."""

from typing import Any

from tests.orchestrator.triggers.conftest import HOOK, ON_HOSTS, Tripwire
from tests.support.orchestrator import as_user

MADE = {"id": "1", "type": "create", "resource": "host", "detail": {"bk_host_id": 7, "bk_cloud_id": 0}}


async def _try(tripwire: Tripwire, trigger: dict[str, Any], sample: Any, by: str = "dev") -> Any:
    body = {"trigger": trigger, "sample": sample}
    return await tripwire.house.client.post(f"/flows/{tripwire.flow}/triggers:try", json=body, headers=as_user(by))


async def test_a_sample_shows_the_inputs_and_starts_nothing(tripwire: Tripwire) -> None:
    tried = await _try(tripwire, ON_HOSTS, MADE)
    assert tried.status_code == 200, tried.text
    inputs = {"host": 7, "why": "create 1"}
    assert tried.json() == {"passes": True, "inputs": inputs, "event_key": "", "problems": []}
    told = {**HOOK, "event": "alarm", "event_key": "${payload.host}"}
    heard = (await _try(tripwire, told, {"host": "db1", "alarm": "full"})).json()
    assert (heard["event_key"], heard["inputs"]) == ("db1", {"why": "full"})
    assert await tripwire.tasks() == []
    assert (await tripwire.house.client.get("/projects/shop/triggers")).json()["items"] == []


async def test_it_is_told_why_nothing_would_come_of_it(tripwire: Tripwire) -> None:
    elsewhere = {**MADE, "detail": {"bk_host_id": 7, "bk_cloud_id": 1}}
    checked = {**HOOK, "payload_schema": {"type": "object", "required": ["n"]}}
    tried = [
        await _try(tripwire, ON_HOSTS, elsewhere),
        await _try(tripwire, ON_HOSTS, {"id": "1"}),
        await _try(tripwire, HOOK, {}),
        await _try(tripwire, {**HOOK, "mapping": {"host": "${payload.n}"}}, {"n": "no number"}),
        await _try(tripwire, checked, {}),
    ]
    told = [(each.json()["passes"], [problem["field"] for problem in each.json()["problems"]]) for each in tried]
    assert told == [
        (False, []),
        (False, ["condition"]),
        (True, ["mapping"]),
        (True, ["/inputs/host"]),
        (False, ["/sample/n"]),
    ]


async def test_it_is_for_who_edits_the_flow_and_expressions_must_be_sound(tripwire: Tripwire) -> None:
    assert (await _try(tripwire, ON_HOSTS, MADE, by="viewer")).status_code == 403
    wrong = await _try(tripwire, {**ON_HOSTS, "condition": "nobody.knows"}, MADE)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "condition")
