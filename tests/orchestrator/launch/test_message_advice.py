"""A review before a launch warns of messages that would be refused for want of a grant."""

from typing import Any

import pytest

from kernel.contracts.grant_desk import GrantSummary
from tests.support.orchestrator import OrchestratorHouse, flow_of

TELL = {"id": "tell", "kind": "notify", "title": "t", "content": "c", "people": ["ada"], "optional": True}


def _grant(state: str) -> GrantSummary:
    return GrantSummary("g", "svc-shop", "notify", "notify_users", state, None)


async def _advice(house: OrchestratorHouse, flow: str, **body: Any) -> list[tuple[str, str]]:
    answered = await house.client.post(f"/flows/{flow}:review", json={"inputs": {}, **body})
    assert answered.status_code == 200, answered.text
    return [(each["field"], each["code"]) for each in answered.json()["advice"]]


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ((), "message.no_grant"),
        (("revoked",), "message.no_grant"),
        (("applied", "expired"), "message.grant_waits"),
        (("applied", "approved"), None),
    ],
)
async def test_messages_without_a_grant_are_warned_of(
    house: OrchestratorHouse, states: tuple[str, ...], told: str | None
) -> None:
    flow = await house.publish(flow_of(TELL))
    house.grants.standing = [_grant(state) for state in states]
    assert await _advice(house, flow) == ([] if told is None else [("/nodes/tell", told)])
    assert await _advice(house, flow, leave_out=["tell"]) == []


async def test_messages_of_a_flow_inside_are_warned_of_at_the_node_that_runs_it(house: OrchestratorHouse) -> None:
    inner = await house.publish(flow_of(TELL))
    outer = await house.publish(flow_of({"id": "in", "kind": "subflow", "flow": inner, "revision": 1}))
    assert await _advice(house, outer) == [("/nodes/in", "message.no_grant")]


async def test_a_flow_that_tells_nobody_anything_needs_no_grant(house: OrchestratorHouse) -> None:
    flow = await house.publish(flow_of({"id": "wait", "kind": "timer", "seconds": 1}))
    assert await _advice(house, flow) == []
