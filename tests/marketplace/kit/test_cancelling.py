"""Runs that are wanted no more."""

import pytest

from tests.support.patience import until
from tests.support.plugin_conversation import ended

STOPPABLE = """
async def execute(self, inputs, context):
    context.storage["calls"] = context.storage.get("calls", 0) + 1
    self.wait_poll(600)

def cancel(self, inputs, context):
    if context.storage["calls"] > 1:
        raise self.Error("too late")
    logging.getLogger("bk_plugin").info("stopped after %s", context.storage["calls"])
"""
UNSTOPPABLE = """
def execute(self, inputs, context):
    self.wait_poll(600)
"""
HELPING = """
def execute(self, inputs, context):
    pass

def cancel(self, job):
    raise AssertionError(job)
"""
SLOW = """
async def execute(self, inputs, context):
    if context.state is State.EMPTY:
        self.wait_poll(0)
        return
    context.storage["seen"] = True
    logging.getLogger("bk_plugin").info("under way")
    await asyncio.sleep(0.2)
    self.wait_poll(600)

async def cancel(self, inputs, context):
    if not context.storage.get("seen"):
        raise self.Error("asked in the middle of a call")
"""
REFUSING = """
def execute(self, inputs, context):
    context.outputs["calls"] = context.invoke_count
    if context.invoke_count == 1:
        self.wait_poll(0.3)

def cancel(self, inputs, context):
    raise self.Error("it would not stop")
"""


async def cancel(client, run):
    answer = await client.post(f"/bk_plugin/cancel/{run}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def log_of(client, run):
    return (await client.get(f"/bk_plugin/logs/{run}")).json()["data"]["log"]


@pytest.mark.parametrize(("body", "says"), [(STOPPABLE, True), (UNSTOPPABLE, None), (HELPING, None)])
async def test_a_version_says_whether_its_runs_can_be_cancelled(serving, write_version, body, says):
    async with serving(write_version(body)) as client:
        detail = (await client.get("/bk_plugin/detail/1.0.0")).json()["data"]
    assert detail.get("enable_cancel") is says


async def test_a_cancelled_run_has_failed_and_a_repetition_is_answered_alike(serving, write_version, begin):
    async with serving(write_version(STOPPABLE)) as client:
        run = (await begin(client))["trace_id"]
        for _ in range(2):
            assert (await cancel(client, run))["data"] == {"trace_id": run, "cancelled": True}
        end = (await ended(client, run)).json()["data"]
        log = await log_of(client, run)
    assert (end["state"], end["err"]) == (5, "cancelled")
    assert log.count("stopped after 1") == 1


async def test_a_call_under_way_ends_first(serving, write_version, begin):
    async with serving(write_version(SLOW)) as client:
        run = (await begin(client))["trace_id"]

        async def under_way():
            return "under way" in await log_of(client, run)

        await until(under_way)
        assert (await cancel(client, run))["data"]["cancelled"] is True


async def test_a_run_that_would_not_stop_goes_on(serving, write_version, begin):
    async with serving(write_version(REFUSING)) as client:
        run = (await begin(client))["trace_id"]
        refused = await cancel(client, run)
        assert (refused["result"], refused["message"]) == (False, "plugin cancel failed: it would not stop")
        end = (await ended(client, run)).json()["data"]
        assert (end["state"], end["outputs"]) == (4, {"calls": 2})
        assert (await cancel(client, run))["data"]["cancelled"] is False


async def test_what_cannot_be_cancelled_is_told(serving, write_version, begin):
    async with serving(write_version(UNSTOPPABLE)) as client:
        run = (await begin(client))["trace_id"]
        assert (await cancel(client, run))["message"] == "version 1.0.0 can't be cancelled"
        assert (await cancel(client, "x"))["message"] == "can not find schedule for trace_id x"
