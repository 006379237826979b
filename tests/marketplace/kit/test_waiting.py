"""Runs that go on after their first call."""

import asyncio

import pytest

from tests.support.backend import serving_backend
from tests.support.patience import PATIENCE_SECONDS
from tests.support.plugin_conversation import ended
from trunkline_plugin.serving.finish import EndTeller

POLLED_ONCE = """
class ContextInputs(ContextRequire):
    plugin_callback_info: Optional[PluginCallbackModel]

def execute(self, inputs, context):
    context.storage["calls"] = context.storage.get("calls", 0) + 1
    context.outputs["calls"] = context.storage["calls"]
    if context.invoke_count == 1:
        self.wait_poll(0.1)
"""
CALLED_BACK = """
async def execute(self, inputs, context):
    if context.state is State.EMPTY:
        context.outputs["url"] = self.prepare_callback(context).url
        self.wait_callback()
        return
    context.outputs.setdefault("seen", []).append(context.callback.data)
    if context.callback.data != "last":
        self.wait_callback()
"""


@pytest.fixture(scope="module")
def receiver():
    with serving_backend() as backend:
        yield backend


async def told_of(receiver):
    while not receiver.received:  # noqa: ASYNC110  it receives in a thread
        await asyncio.sleep(0.01)


def token_of(answer):
    return answer["data"]["outputs"]["url"].split("/")[-2]


async def test_a_poll_is_taken_up_by_the_next_process(serving, write_version, begin):
    folder = write_version(POLLED_ONCE)
    async with serving(folder) as client:
        run = (await begin(client))["trace_id"]
    async with serving(folder) as client:
        assert (await ended(client, run)).json()["data"]["outputs"] == {"calls": 2}


async def test_a_run_that_waits_for_a_callback_is_called_back_in_the_next_process(serving, write_version, begin):
    folder = write_version(CALLED_BACK)
    async with serving(folder) as client:
        begun = await begin(client)
    async with serving(folder) as client:
        assert (await client.post(f"/bk_plugin/callback/{token_of(begun)}", json="last")).status_code == 200
        end = (await ended(client, begun["trace_id"])).json()["data"]
    assert (end["state"], end["outputs"]["seen"]) == (4, ["last"])


async def test_callbacks_that_come_at_once_are_worked_off_one_after_another(serving, write_version, begin):
    async with serving(write_version(CALLED_BACK)) as client:
        begun = await begin(client)
        path = f"/bk_plugin/callback/{token_of(begun)}/"
        answers = await asyncio.gather(*(client.post(path, json=count) for count in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        await client.post(path, json="last")
        seen = (await ended(client, begun["trace_id"])).json()["data"]["outputs"]["seen"]
    assert sorted(seen[:-1]) == [0, 1, 2, 3, 4]
    assert seen[-1] == "last"


async def test_the_end_is_told_with_the_body_that_was_given(serving, write_version, begin, receiver):
    receiver.reset()
    told = {"url": f"{receiver.url}/told", "data": {"node": "n1"}}
    async with serving(write_version(POLLED_ONCE)) as client:
        run = (await begin(client, context={"plugin_callback_info": told}))["trace_id"]
        await ended(client, run)
        await asyncio.wait_for(told_of(receiver), PATIENCE_SECONDS)
    request = receiver.received[0]
    assert (request.method, request.target, request.json) == ("POST", "/told", {"node": "n1"})


async def test_the_end_is_not_told_when_the_first_call_is_the_last(serving, write_version, begin, receiver):
    receiver.reset()
    told = {"url": f"{receiver.url}/told", "data": {}}
    folder = write_version("""
        class ContextInputs(ContextRequire):
            plugin_callback_info: Optional[PluginCallbackModel]

        def execute(self, inputs, context): pass
    """)
    async with serving(folder) as client:
        assert (await begin(client, context={"plugin_callback_info": told}))["data"]["state"] == 4
    assert receiver.received == []


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (200, b'{"result": false}'), (200, b"no JSON"), (200, b"[" * 10_000)],
    ids=["500", "false", "text", "deep"],
)
def test_telling_the_end_is_tried_three_times(receiver, status, body):
    receiver.reset()
    receiver.status, receiver.body = status, body
    pauses = []
    teller = EndTeller(verify_tls=True, pause=pauses.append)
    assert not teller.tell({"plugin_callback_info": {"url": receiver.url, "data": {}}})
    assert (len(receiver.received), len(pauses)) == (3, 2)


def test_the_end_is_told_over_http_only(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("{}")
    teller = EndTeller(verify_tls=True, pause=lambda _: None)
    assert not teller.tell({"plugin_callback_info": {"url": secret.as_uri(), "data": {}}})


async def test_a_version_that_is_gone_ends_its_runs(serving, write_version, begin):
    folder = write_version(POLLED_ONCE)
    async with serving(folder) as client:
        run = (await begin(client))["trace_id"]
    (folder / "bk_plugin/versions/v1_0_0.py").unlink()
    async with serving(folder) as client:
        end = (await ended(client, run)).json()["data"]
    assert (end["state"], end["err"]) == (5, "plugin schedule failed: there is no version 1.0.0 any more")


async def test_slow_calls_run_beside_each_other(serving, write_version, begin):
    folder = write_version("""
        import threading

        meeting = threading.Barrier(4, timeout=60)

        def execute(self, inputs, context):
            self.meeting.wait()
    """)
    async with serving(folder) as client:
        begun = await asyncio.gather(*(begin(client) for _ in range(20)))
    assert {each["data"]["state"] for each in begun} == {4}
