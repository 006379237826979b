import asyncio
import json
from typing import Any

import httpx

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.signing.standard_webhooks import sign
from orchestrator.triggers.endpoints import MAX_BYTES
from tests.orchestrator.triggers.conftest import HOOK, ON_HOSTS, Tripwire
from tests.support.orchestrator import PROJECT, as_user


async def call(
    tripwire: Tripwire, trigger: dict[str, Any], payload: Any, message: str = "m1", *, late: int = 0, **changed: str
) -> httpx.Response:
    """A call signed so many seconds ago; `changed` replaces headers after signing, `body` the body."""
    body = json.dumps(payload)
    proof = sign(trigger["secret"], message, int(tripwire.clock.now().timestamp()) - late, body.encode())
    sent = changed.pop("body", body)
    headers = proof | {name.replace("_", "-"): value for name, value in changed.items()}
    return await tripwire.house.client.post(
        f"/hooks/{trigger['id']}", content=sent, headers={"X-Test-User": "", **headers}
    )


async def test_a_signed_call_starts_a_task_of_what_it_says(tripwire: Tripwire) -> None:
    made = await tripwire.make(HOOK)
    assert made["address"] == f"http://127.0.0.1:8080/v1/hooks/{made['id']}"
    answered = await call(tripwire, made, {"alarm": "disk full"})
    (task,) = await tripwire.tasks()
    assert (answered.status_code, answered.json()) == (202, {"task_id": task.id})
    assert (task.inputs, task.created_by) == ({"why": "disk full"}, "dev")


async def test_a_message_that_comes_again_starts_nothing_new(tripwire: Tripwire) -> None:
    made = await tripwire.make(HOOK)
    answers = await asyncio.gather(*(call(tripwire, made, {"alarm": "x"}) for _ in range(4)))
    assert len({answered.json()["task_id"] for answered in answers}) == 1
    assert len(await tripwire.tasks()) == 1
    other = await call(tripwire, made, {"alarm": "x"}, "m2")
    assert other.json()["task_id"] != answers[0].json()["task_id"]


async def test_what_was_altered_or_is_old_or_belongs_elsewhere_is_refused(tripwire: Tripwire) -> None:
    made, other = await tripwire.make(HOOK), await tripwire.make(HOOK)
    old = str(int(tripwire.clock.now().timestamp()) - 301)
    forged = [
        await call(tripwire, made, {"alarm": "x"}, body='{"alarm": "y"}'),
        await call(tripwire, made, {"alarm": "x"}, webhook_id="m2"),
        await call(tripwire, made, {"alarm": "x"}, webhook_timestamp=old),
        await call(tripwire, made, {"alarm": "x"}, late=301),
        await call(tripwire, made, {"alarm": "x"}, late=-301),
        await call(tripwire, made, {"alarm": "x"}, webhook_signature="v1,AAAA"),
        await call(tripwire, made, {"alarm": "x"}, webhook_id=""),
        await call(tripwire, {**made, "id": other["id"]}, {"alarm": "x"}),
        await call(tripwire, {**made, "id": "0" * 32}, {"alarm": "x"}),
        await call(tripwire, {**made, "id": (await tripwire.make(ON_HOSTS))["id"]}, {"alarm": "x"}),
        await tripwire.house.client.post(f"/hooks/{made['id']}", json={"alarm": "x"}),
        await tripwire.house.client.post(
            f"/hooks/{made['id']}", json={"alarm": "x"}, headers={"Authorization": f"Bearer {made['secret']}"}
        ),
    ]
    assert {answered.status_code for answered in forged} == {401}
    assert len({answered.json()["detail"] for answered in forged}) == 1
    assert await tripwire.tasks() == []


async def test_a_bearer_may_name_his_message(tripwire: Tripwire) -> None:
    made = await tripwire.make({**HOOK, "authentication": "bearer"})
    headers = {"Authorization": f"Bearer {made['secret']}", "X-Test-User": ""}
    answers = [
        await tripwire.house.client.post(f"/hooks/{made['id']}", json={"alarm": "x"}, headers={**headers, **key})
        for key in ({"Idempotency-Key": "k"}, {"Idempotency-Key": "k"}, {}, {})
    ]
    assert [answered.status_code for answered in answers] == [202] * 4
    assert len({answered.json()["task_id"] for answered in answers}) == 3
    wrong = {"Authorization": "Bearer whsec_AAAA", "X-Test-User": ""}
    assert (await tripwire.house.client.post(f"/hooks/{made['id']}", json={}, headers=wrong)).status_code == 401


async def test_what_does_not_fit_is_refused_and_may_be_sent_again(tripwire: Tripwire) -> None:
    schema = {"type": "object", "properties": {"alarm": {"type": "string"}}, "required": ["alarm"]}
    made = await tripwire.make({**HOOK, "payload_schema": schema, "condition": "payload.alarm != 'test'"})
    wrong = await call(tripwire, made, {"alarm": 3})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "/payload/alarm")
    assert (await call(tripwire, made, {}, body="{", **_signed(tripwire, made, "{"))).status_code == 400
    passed_over = await call(tripwire, made, {"alarm": "test"})
    assert (passed_over.status_code, passed_over.json()) == (202, {"task_id": None})
    plugins = dict(tripwire.house.plugins.by_project)
    tripwire.house.plugins.by_project.clear()
    refused = await call(tripwire, made, {"alarm": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "trigger_refused")
    tripwire.house.plugins.by_project.update(plugins)
    assert (await call(tripwire, made, {"alarm": "x"})).status_code == 202
    assert [run["outcome"] for run in await _runs(tripwire, made)] == ["started"]


def _signed(tripwire: Tripwire, made: dict[str, Any], body: str) -> dict[str, str]:
    proof = sign(made["secret"], "m9", int(tripwire.clock.now().timestamp()), body.encode())
    return {name.replace("-", "_"): value for name, value in proof.items()}


async def _runs(tripwire: Tripwire, made: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await tripwire.house.client.get(f"/triggers/{made['id']}/runs")).json()["items"]
    return items


async def test_calls_are_bound_in_number_and_size(tripwire: Tripwire) -> None:
    made = await tripwire.make({**HOOK, "per_minute": 2})
    answers = [await call(tripwire, made, {"alarm": "x"}, f"m{number}") for number in (1, 2, 3, 1)]
    assert [answered.status_code for answered in answers] == [202, 202, 429, 202]
    assert answers[2].headers["Retry-After"] == "60"
    tripwire.clock.advance(seconds=61)
    assert (await call(tripwire, made, {"alarm": "x"}, "m4")).status_code == 202
    assert (await call(tripwire, made, {"alarm": "x" * MAX_BYTES}, "m5")).status_code == 413


async def test_a_secret_is_shown_once_and_turned(tripwire: Tripwire) -> None:
    made = await tripwire.make(HOOK)
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in json.dumps(await tripwire.seen(made["id"]))
    turned = await tripwire.house.client.post(f"/triggers/{made['id']}:rotate-secret", headers=as_user("dev"))
    assert (await call(tripwire, made, {"alarm": "x"})).status_code == 401
    assert (await call(tripwire, {**made, "secret": turned.json()["secret"]}, {"alarm": "x"})).status_code == 202
    other = await tripwire.make(ON_HOSTS)
    assert other["secret"] == ""
    assert (await tripwire.house.client.post(f"/triggers/{other['id']}:rotate-secret")).status_code == 409


async def test_the_secret_is_given_to_nobody_who_may_not_start_what_it_starts(tripwire: Tripwire) -> None:
    made, telling = await tripwire.make(HOOK), await tripwire.make({**HOOK, "event": "alarm"})
    authorizer = tripwire.house.authorizer
    authorizer.allow("kim", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_EDIT)
    places = [f"/triggers/{each['id']}:rotate-secret" for each in (made, telling)]
    refused = [await tripwire.house.client.post(place, headers=as_user("kim")) for place in places]
    assert [answer.status_code for answer in refused] == [403, 403]
    authorizer.allow("kim", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_LAUNCH)
    answers = [await tripwire.house.client.post(place, headers=as_user("kim")) for place in places]
    assert [answer.status_code for answer in answers] == [200, 403]


async def test_one_that_is_off_takes_nothing(tripwire: Tripwire) -> None:
    made = await tripwire.make(HOOK)
    await tripwire.house.client.post(f"/triggers/{made['id']}:disable")
    off = await call(tripwire, made, {"alarm": "x"})
    assert (off.status_code, off.json()["code"]) == (409, "trigger_off")
