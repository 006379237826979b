"""The process itself, as its author and a crash treat it."""

import time

import httpx
import pytest

from tests.support.served_plugin import plugin_process
from tests.support.server import free_port
from trunkline_plugin.__main__ import main

WAITS = """
def execute(self, inputs, context):
    context.storage["calls"] = context.storage.get("calls", 0) + 1
    context.outputs["calls"] = context.storage["calls"]
    if context.state is State.EMPTY:
        context.outputs["url"] = self.prepare_callback(context).url
        self.wait_poll(0.5)
    elif context.state is State.POLL:
        self.wait_callback()
    else:
        context.outputs["called"] = context.callback.data
"""


def schedule(client, run, state):
    for _ in range(400):
        found = client.get(f"schedule/{run}").json()["data"]
        if found["state"] == state:
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def test_polls_and_callbacks_survive_the_process_being_killed(write_version):
    folder, port = write_version(WAITS), free_port()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/bk_plugin/") as client:
        with plugin_process(folder, port):
            begun = client.post("invoke/1.0.0", json={"inputs": {}, "context": {}}).json()
        with plugin_process(folder, port):
            schedule(client, begun["trace_id"], 3)
            assert client.get("meta/").json()["data"]["code"] == folder.name, "nobody has told another"
        with plugin_process(folder, port):
            url = begun["data"]["outputs"]["url"]
            assert url.startswith(f"http://127.0.0.1:{port}/bk_plugin/callback/")
            assert client.post(url, json={"done": True}).json()["result"]
            end = schedule(client, begun["trace_id"], 4)
    assert end["outputs"] == {"calls": 3, "url": url, "called": {"done": True}}
    assert (folder / ".trunkline-plugin/secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("def execute(self, inputs, context) pass", 'bk_plugin/versions/v1_0_0.py", line'),
        ("class Inputs: pass", "Inputs must be derived from InputsModel"),
        ("class InputsForm(FormModel):\n    a = {}", "InputsForm.a is no input"),
    ],
)
def test_a_project_that_cannot_be_read_is_told(write_version, body, problem, capsys):
    assert main(["describe", str(write_version(body))]) == 1
    assert problem in capsys.readouterr().err
