"""The process itself, as its author and a crash treat it."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest

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


@contextmanager
def process(folder, port):
    command = [sys.executable, "-m", "trunkline_plugin", "serve", str(folder), "--port", str(port)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/bk_plugin/") as client:
            yield running, client
    finally:
        running.kill()
        running.communicate()


def answering(client):
    for _ in range(400):
        try:
            return client.get("meta/").json()["data"]
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the plugin is not served")


def schedule(client, run, state):
    for _ in range(400):
        found = client.get(f"schedule/{run}").json()["data"]
        if found["state"] == state:
            return found
        time.sleep(0.02)
    raise AssertionError(found)


def test_polls_and_callbacks_survive_the_process_being_killed(write_version):
    folder, port = write_version(WAITS), free_port()
    with process(folder, port) as (running, client):
        assert answering(client)["versions"] == ["1.0.0"]
        begun = client.post("invoke/1.0.0", json={"inputs": {}, "context": {}}).json()
        running.send_signal(signal.SIGKILL)
        running.wait()
    with process(folder, port) as (running, client):
        answering(client)
        schedule(client, begun["trace_id"], 3)
        running.send_signal(signal.SIGKILL)
        running.wait()
    with process(folder, port) as (running, client):
        answering(client)
        url = begun["data"]["outputs"]["url"]
        assert url.startswith(f"http://127.0.0.1:{port}/bk_plugin/callback/")
        assert client.post(url, json={"done": True}).json()["result"]
        assert schedule(client, begun["trace_id"], 4)["outputs"] == {"calls": 3, "url": url, "called": {"done": True}}
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
