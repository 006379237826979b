"""A plugin that runs elsewhere, driven by a flow of a real server: registered, published, installed, run, killed."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from marketplace.authoring.remote_draft import remote_draft
from marketplace.package.archive import write_archive
from marketplace.package.plugin_detail import PluginDetail
from tests.support.forking import Nursery
from tests.support.one_node_tasks import OneNodeTasks
from tests.support.patience import eventually
from tests.support.served_plugin import plugin_process, write_project
from tests.support.server import ServerProcess, free_port, migrated

VERSION = """
class Inputs(InputsModel):
    how: str = Field(title="How")

class Outputs(OutputsModel):
    steps: list
    who: str

class ContextInputs(ContextRequire):
    executor: str
    plugin_callback_info: Optional[PluginCallbackModel]

def execute(self, inputs, context):
    context.outputs["who"] = context.data.executor
    context.outputs.setdefault("steps", []).append(context.state.name)
    if inputs.how == "error":
        raise self.Error("it was told to fail")
    if inputs.how == "poll" and context.invoke_count < 3:
        self.wait_poll(0.2)
    if inputs.how == "long":
        self.wait_poll(600)
    if inputs.how == "callback" and context.state is State.EMPTY:
        context.outputs["token"] = self.prepare_callback(context).url.split("/")[-2]
        self.wait_callback()

def cancel(self, inputs, context):
    assert context.outputs["steps"] == ["EMPTY"]
"""

CHOICES = """
from trunkline_plugin.data_api import PluginAPIView, Response, path

class Choices(PluginAPIView):
    def post(self, request, kind):
        who, app = request.user.username, request.app.bk_app_code
        return Response({"kind": kind, "who": who, "app": app, "asked": request.data})

urlpatterns = [path("choices/<str:kind>/", Choices.as_view())]
"""


@dataclass(slots=True)
class Place(OneNodeTasks):
    """Attributes:
    folder: the plugin's code.
    """

    server: ServerProcess
    folder: Path
    port: int

    def environ(self) -> dict[str, str]:
        """As in production: calls must come through the gateway."""
        keys = f"{self.server.url}/v1/systems/greet/keys/public"
        return {"BKPAAS_ENVIRONMENT": "prod", "BKPAAS_APP_SECRET": "s", "TRUNKLINE_PLUGIN_KEYS_URL": keys}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path) -> Iterator[Place]:
    root, port = tmp_path_factory.mktemp("remote"), free_port()
    folder = write_project(root / "greet", VERSION, apis__urls=CHOICES)
    upstream = f"http://127.0.0.1:{port}"
    environ = {"TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": upstream, "TRUNKLINE_EMBEDDED_SYSTEMS": "false"}
    server = ServerProcess(migrated(root / "data", sqlite_template), free_port(), environ, nursery=nursery)
    server.start()
    place = Place(server.admin(), server, folder, port)
    try:
        _publish(place, upstream)
        yield place
    finally:
        assert server.stop() in {0, -signal.SIGTERM}


def _publish(place: Place, upstream: str) -> None:
    """As `plugin new --kind remote` drafts it."""
    with plugin_process(place.folder, place.port):
        detail = httpx.get(f"{upstream}/bk_plugin/detail/1.0.0").json()["data"]
    files = remote_draft("greet", "acme", "greet", upstream, PluginDetail.model_validate(detail))
    document = yaml.safe_load(files.pop("system.yaml"))
    body = {"document": document, "name": "greet", "upstream_url": upstream, "signing": "jwt"}
    place.admin.post("/systems:import", body)
    place.admin.upload("/plugins", write_archive(files))
    place.admin.post("/projects", {"code": "shop", "name": "Shop"})
    body = {"plugin": "greet", "version": "1.0.0", "consent_scopes": ["greet:run"]}
    for grant in place.admin.post("/projects/shop/installs", body)["grants"]:
        if grant["state"] == "applied":
            place.admin.post(f"/grants/{grant['id']}:approve")


def test_runs_are_begun_followed_and_their_ends_told(place: Place) -> None:
    with plugin_process(place.folder, place.port, **place.environ()):
        direct = httpx.post(f"http://127.0.0.1:{place.port}/bk_plugin/invoke/1.0.0", json={"inputs": {}, "context": {}})
        assert direct.status_code == 403, "a call that came by no gateway"
        at_once, polled, failing = place.launch("at once"), place.launch("poll"), place.launch("error")
        assert place.ended(at_once) == "FINISHED"
        assert place.ended(polled) == "FINISHED", "told its end: it would be asked after a minute"
        assert place.ended(failing) != "FINISHED"
    outputs = [place.node(task)["outputs"] for task in (at_once, polled)]
    assert [output["steps"] for output in outputs] == [["EMPTY"], ["EMPTY", "POLL", "POLL"]]
    assert outputs[0]["who"] == place.admin.get(f"/tasks/{at_once}")["created_by"]
    assert "greet failed: plugin execute failed: it was told to fail" in str(place.node(failing))


def test_the_plugin_of_a_revoked_task_is_told_and_ends_the_run(place: Place) -> None:
    with plugin_process(place.folder, place.port, **place.environ()):
        node = place.revoked("long")
    assert (node["cancellation"]["state"], node["cancellation"]["reason"]) == ("cancelled", "")
    assert node["error"] == "greet failed: cancelled"


def test_a_run_survives_its_plugin_being_killed(place: Place) -> None:
    with plugin_process(place.folder, place.port, **place.environ()):
        task = place.launch("callback")
        eventually(lambda: "token" in (place.node(task)["outputs"] or {}))
    token = place.node(task)["outputs"]["token"]
    with plugin_process(place.folder, place.port, **place.environ()):
        target = "/api/greet/prod/bk_plugin/callback/" + token + "/"
        called = httpx.post(place.server.url + target, json={}, headers=_caller(place))
        assert called.json() == {"result": True, "message": "callback success"}
        assert place.ended(task) == "FINISHED"
    assert place.node(task)["outputs"]["steps"] == ["EMPTY", "CALLBACK"]


def test_choices_for_its_form_come_through_the_gateway(place: Place) -> None:
    body = {"url": "/bk_plugin/plugin_api/choices/hosts/", "method": "POST", "data": {"q": 1}}
    with plugin_process(place.folder, place.port, **place.environ()):
        answer = place.admin.post("/projects/shop/plugins/greet/versions/1.0.0/form-data", body)
    created_by = place.admin.get("/projects/shop/installs")["items"][0]["installed_by"]
    assert answer["data"] == {"kind": "hosts", "who": created_by, "app": "svc-shop", "asked": {"q": 1}}


def _caller(place: Place) -> dict[str, str]:
    """Of an app that may call the plugin's callbacks, as the system it waits for is."""
    secret = place.admin.post("/apps", {"app_code": "monitor", "name": "Monitor", "description": ""})["app_secret"]
    applied = place.admin.post(
        "/grants", {"app_code": "monitor", "system": "greet", "components": None, "reason": "calls back"}
    )
    for grant in applied["items"]:
        place.admin.post(f"/grants/{grant['id']}:approve", {"comment": ""})
    form = {"grant_type": "client_credentials"}
    token = httpx.post(f"{place.server.url}/oauth/token", data=form, auth=("monitor", secret)).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}
