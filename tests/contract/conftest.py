"""One component surface, answered by the embedded systems and by BlueKing's: each way to these is a stage."""

import getpass
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.blueking_systems import inventory, jobs
from tests.support.blueking_systems.doors import APP_CODE, APP_SECRET
from tests.support.blueking_systems.server import BlueKing, serving_blueking
from tests.support.forking import Nursery
from tests.support.server import Api, ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, fetch_token, import_system
from trunkline.demo.mailbox import Mailbox

EMBEDDED = "embedded"
STAGES = {EMBEDDED: "prod", "esb": "test", "apigw": "apigw", "direct": "direct"}
WAYS = {
    "cmdb": ("esb", "apigw", "direct"),
    "job": ("esb", "apigw", "direct"),
    "notify": ("esb", "apigw"),
    "sops": ("esb", "apigw"),
}
GATEWAYS = {"cmdb": "bk-cmdb", "job": "bk-job", "notify": "bk-cmsi", "sops": "bk-sops"}
LACKING = 1306404
_IN_PATH = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """Attributes:
    business: with the set `east`, the module `web` and three idle hosts, 10.0.0.1 to 10.0.0.3.
    scope, job_host: where jobs run.
    """

    business: int
    set: int
    module: int
    hosts: list[int]
    scope: dict[str, str]
    job_host: int
    account: str
    plan: int


@dataclass
class Surface:
    """The components as one back end answers them."""

    back_end: str
    place: Place
    mailbox: Mailbox
    blueking: BlueKing
    lacking: dict[str, set[str]]
    http: httpx.Client
    paths: dict[str, tuple[str, str]]
    identity: dict[str, str]

    @property
    def is_embedded(self) -> bool:
        return self.back_end == EMBEDDED

    def offers(self, component: str) -> bool:
        """What it doesn't is refused: see `test_lacking.py`."""
        return not any(component in names for names in self.lacking.values())

    def call(self, target: str, **params: Any) -> dict[str, Any]:
        """`system.component`; the answer, whatever it says."""
        system, _, component = target.partition(".")
        method, path = self.paths[component]
        path = f"/api/{system}/{STAGES[self.back_end]}{path}"
        for name in _IN_PATH.findall(path):
            path = path.replace(f"{{{name}}}", str(params.pop(name)))
        if method == "get":
            answer = self.http.get(path, params=params, headers=self.identity)
        else:
            answer = self.http.post(path, json=params, headers=self.identity)
        return dict(answer.json())

    def data(self, target: str, **params: Any) -> Any:
        answer = self.call(target, **params)
        assert (answer["result"], answer["code"]) == (True, 0), answer
        return answer["data"]

    def refused(self, target: str, **params: Any) -> str:
        """The message of a call that must be refused, with a code."""
        answer = self.call(target, **params)
        assert answer["result"] is False, answer
        assert answer["code"] != 0
        return str(answer["message"])


@dataclass(frozen=True, slots=True)
class House:
    server: ServerProcess
    api: Api
    blueking: BlueKing
    mailbox: Mailbox
    secret: str
    token: str
    place: Place
    paths: dict[str, tuple[str, str]]
    lacking: dict[str, dict[str, set[str]]]
    http: httpx.Client


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path) -> Iterator[House]:
    with ExitStack() as stack:
        mailbox = Mailbox(free_port())
        mailbox.start()
        stack.callback(mailbox.stop)
        blueking = stack.enter_context(serving_blueking())
        port = free_port()
        settings = {
            "TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": f"{blueking.url},http://127.0.0.1:{port}",
            "TRUNKLINE_SMTP_PORT": str(mailbox.port),
        }
        data = migrated(tmp_path_factory.mktemp("contract") / "data", sqlite_template)
        server = ServerProcess(data, port, settings, nursery=nursery)
        server.start()
        stack.callback(server.stop)
        api = server.admin()
        stack.callback(api.close)
        for name in WAYS:
            import_system(server, api, name)
            _choose(api, blueking, name)
        secret = api.post("/apps", {"app_code": "caller", "name": "Caller"})["app_secret"]
        api.patch("/apps/caller", {"may_name_user": True})
        for name in WAYS:
            approved_grant(api, "caller", name)
        token = fetch_token(server.url, "caller", secret)
        http = stack.enter_context(httpx.Client(base_url=server.url))
        place, paths = _furnished(http, token), _read_paths(http)
        lacking = {back_end: _lacking(api, back_end) for back_end in STAGES}
        yield House(server, api, blueking, mailbox, secret, token, place, paths, lacking, http)


def _read_paths(http: httpx.Client) -> dict[str, tuple[str, str]]:
    """Component → how it is called, and where."""
    documents = [http.get(f"/systems/{name}/openapi.json").json() for name in WAYS]
    paths = [(path, methods) for each in documents for path, methods in each["paths"].items()]
    return {path.split("/")[1]: (method, path) for path, methods in paths for method in methods}


def back_end_order(blueking: BlueKing, system: str, way: str) -> dict[str, Any]:
    """What has BlueKing's system answer a stage."""
    addresses = {
        "esb": blueking.url,
        "apigw": f"{blueking.url}/api/{GATEWAYS[system]}/prod",
        "direct": f"{blueking.url}/direct/{system}",
    }
    app = {"profile": "bk-app", "app_code": APP_CODE, "app_secret": APP_SECRET, "username": "robot"}
    signing = {"profile": "jwt", "username": "robot"} if way == "direct" else app
    return {"back_end": "blueking", "through": way, "address": addresses[way], "signing": signing}


def _choose(api: Api, blueking: BlueKing, system: str) -> None:
    for way in WAYS[system]:
        stage = f"/systems/{system}/stages"
        api.post(stage, {"name": STAGES[way], "like": "prod"})
        order = back_end_order(blueking, system, way)
        assert api.put(f"{stage}/{STAGES[way]}/back-end?wait=30", order)["live"] is True
    if "direct" in WAYS[system]:
        keys = api.get(f"/systems/{system}/keys")["items"]
        (blueking.public_keys[system],) = [key["public_key"] for key in keys if key["profile"] == "jwt"]


def _furnished(http: httpx.Client, token: str) -> Place:
    """The embedded systems' place: what BlueKing's small ones have from the beginning."""

    def made(target: str, **params: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = http.post(f"/api/{target.replace('.', '/prod/')}", json=params, headers=headers).json()
        assert answer["result"] is True, answer
        return answer["data"]

    shop, _, mill = (
        made("cmdb.create_business", data={"bk_biz_name": name})["bk_biz_id"] for name in ("Shop", "Bank", "Mill")
    )
    inside = made("cmdb.create_set", bk_biz_id=shop, data={"bk_set_name": "east"})["bk_set_id"]
    module = made("cmdb.create_module", bk_biz_id=shop, bk_set_id=inside, data={"bk_module_name": "web"})
    hosts = [
        {"bk_host_innerip": f"10.0.0.{number}", "bk_mem": number * 1024, "bk_host_name": f"web-{number}"}
        for number in (1, 2, 3)
    ]
    ids = made("cmdb.add_host_to_business_idle", bk_biz_id=shop, bk_host_list=hosts)["bk_host_ids"]
    own = made("cmdb.add_local_host_to_business_idle", bk_biz_id=mill)["bk_host_id"]
    scope = {"bk_scope_type": "biz", "bk_scope_id": str(mill)}
    plan = made("job.create_job_plan", **scope, **_plan(own))["job_plan_id"]
    return Place(shop, inside, module["bk_module_id"], ids, scope, own, getpass.getuser(), plan)


def _plan(host: int) -> dict[str, Any]:
    script = {"script_content": "ZWNobyBoZWxsbyAke3dob30=", "server": {"host_id_list": [host]}}
    variable = {"name": "who", "type": 1, "value": "nobody"}
    return {
        "name": "greet",
        "global_var_list": [variable],
        "step_list": [{"name": "greet", "type": 1, "script_info": script}],
    }


_THERE = Place(
    business=inventory.BIZ,
    set=inventory.SET,
    module=inventory.MODULE,
    hosts=[inventory.FIRST_ID + 1000 + number for number in (1, 2, 3)],
    scope={"bk_scope_type": "biz", "bk_scope_id": str(inventory.BIZ)},
    job_host=inventory.FIRST_ID + 1001,
    account="root",
    plan=jobs.PLAN,
)


@pytest.fixture(params=[EMBEDDED, "esb", "apigw", "direct"])
def surface(request: pytest.FixtureRequest, house: House) -> Iterator[Surface]:
    """Each test finds the place as it was furnished; nothing may reach BlueKing that its documents don't have."""
    back_end: str = request.param
    house.blueking.renew()
    house.mailbox.messages.clear()
    place = house.place if back_end == EMBEDDED else _THERE
    identity = {"Authorization": f"Bearer {house.token}"}
    lacking = house.lacking[back_end]
    made = Surface(back_end, place, house.mailbox, house.blueking, lacking, house.http, house.paths, identity)
    if made.is_embedded:
        made.data("cmdb.transfer_host_to_idlemodule", bk_biz_id=place.business, bk_host_id=place.hosts)
    yield made
    assert house.blueking.faults == []


def _lacking(api: Api, back_end: str) -> dict[str, set[str]]:
    if back_end == EMBEDDED:
        return {}
    return {
        system: {
            each["component"] for each in api.get(f"/systems/{system}/stages/{STAGES[back_end]}/back-end")["lacking"]
        }
        for system, ways in WAYS.items()
        if back_end in ways
    }
