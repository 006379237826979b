"""As an attacker: a person, plugin, task or app of project `red` tries to act with the rights of project `blue`.

On a real server: `blue` may call the system `ledger`, `red` may not. What gets through would be seen by the ledger.
"""

import base64
import hashlib
import hmac
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.backend import Backend, serving_backend
from tests.support.forking import Nursery
from tests.support.packages import archive_of
from tests.support.server import Api, ServerProcess, free_port, migrated

LEDGER = {
    "openapi": "3.1.0",
    "info": {"title": "Ledger", "version": "1"},
    "paths": {
        "/balance": {"get": {"operationId": "balance", "summary": "Tell the balance"}},
        "/pay": {"post": {"operationId": "pay", "summary": "Pay"}},
    },
}
ENDED = {"FINISHED", "FAILED", "REVOKED", "SUSPENDED"}


def plugin(code: str, component: str, scope: str) -> dict[str, Any]:
    return {
        "code": code, "version": "1.0.0", "kind": "component", "publisher": "acme", "name": {"en": code, "zh": code},
        "description": {"en": code, "zh": code}, "tags": [], "inputs": {"type": "object", "properties": {}},
        "outputs": {"type": "object", "properties": {}},
        "scopes": [{"scope": scope, "reason": {"en": code, "zh": code}}] if scope else [],
        "component": {"call": {"component": component}, "success": "response.from == 'backend'"},
    }  # fmt: skip


def with_secret(code: str) -> dict[str, Any]:
    """As `plugin`, which pays with a secret and tells in its outputs whatever comes back."""
    made = plugin(code, "ledger.pay", "ledger:write")
    made["inputs"]["properties"] = {"pin": {"type": "string", "writeOnly": True}}
    made["outputs"]["properties"] = {"said": {}, "pin": {}}
    made["component"] |= {"success": "true", "outputs": {"said": "${response}", "pin": "${inputs.pin}"}}
    made["component"]["call"]["body"] = {"pin": "${inputs.pin}"}
    return made


def flow_of(code: str, **inputs: str) -> dict[str, Any]:
    ids = ("start", "act", "end")
    return {
        "nodes": [
            {"id": "start", "kind": "start"},
            {"id": "act", "kind": "plugin", "plugin": code, "version": "1.0.0", "inputs": inputs},
            {"id": "end", "kind": "end"},
        ],
        "edges": [{"id": f"e{n}", "source": a, "target": b} for n, (a, b) in enumerate(pairwise(ids))],
        "form": None,
    }


@dataclass(slots=True)
class House:
    """Attributes:
    ledger: what reached the system behind the gateway.
    bea, rod: own the projects blue and red; nothing else.
    """

    server: ServerProcess
    ledger: Backend
    admin: Api
    bea: httpx.Client
    rod: httpx.Client

    @property
    def url(self) -> str:
        return self.server.url

    def run(self, person: httpx.Client, flow: str) -> dict[str, Any]:
        """Launches and waits for the end; the task."""
        launched = person.post(f"/flows/{flow}/tasks", json={"inputs": {}})
        assert launched.status_code == 201, launched.text
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            task: dict[str, Any] = person.get(f"/tasks/{launched.json()['id']}").json()
            if task["state"] in ENDED:
                return task
            time.sleep(0.1)
        raise AssertionError(f"the task did not end: {task['state']}")


def _person(server: ServerProcess, admin: Api, name: str) -> httpx.Client:
    admin.post("/users", {"username": name, "password": f"password of {name}", "display_name": name})
    client = httpx.Client(base_url=f"{server.url}/v1")
    opened = client.post("/session", json={"username": name, "password": f"password of {name}"})
    client.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    return client


def _install(house: House, person: httpx.Client, project: str, code: str, scope: str) -> httpx.Response:
    body = {"plugin": code, "version": "1.0.0", "consent_scopes": [scope]}
    return person.post(f"/projects/{project}/installs", json=body)


def _flow(person: httpx.Client, project: str, code: str, **inputs: str) -> tuple[str, httpx.Response]:
    made = person.post(f"/projects/{project}/flows", json={"name": code, "description": ""}).json()
    draft = {"definition": flow_of(code, **inputs), "draft_version": made["draft_version"]}
    kept = person.put(f"/flows/{made['id']}/draft", json=draft)
    assert kept.is_success, kept.text
    return made["id"], person.post(f"/flows/{made['id']}:publish", json={"comment": ""})


def _furnished(server: ServerProcess, ledger: Backend) -> House:
    admin = server.admin()
    admin.post("/systems:import", {"document": LEDGER, "name": "ledger", "upstream_url": ledger.url, "signing": "none"})
    for manifest in (
        plugin("look", "ledger.balance", "ledger:read"),
        plugin("pay", "ledger.pay", "ledger:write"),
        with_secret("pin"),
    ):
        admin.upload("/plugins", archive_of(manifest))
    opened = House(server, ledger, admin, _person(server, admin, "bea"), _person(server, admin, "rod"))
    for person, project in ((opened.bea, "blue"), (opened.rod, "red")):
        assert person.post("/projects", json={"code": project, "name": project}).status_code == 201
    for code, scope in (("look", "ledger:read"), ("pay", "ledger:write"), ("pin", "ledger:write")):
        for grant in _install(opened, opened.bea, "blue", code, scope).json()["grants"]:
            if grant["state"] == "applied":
                admin.post(f"/grants/{grant['id']}:approve")
    return opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path) -> Iterator[House]:
    data = migrated(tmp_path_factory.mktemp("apart") / "data", sqlite_template)
    with serving_backend() as ledger:
        server = ServerProcess(data, free_port(), {"TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": ledger.url}, nursery=nursery)
        server.start()
        try:
            yield _furnished(server, ledger)
        finally:
            assert server.stop() in {0, -signal.SIGTERM}


@pytest.fixture(autouse=True)
def nothing_heard_yet(house: House) -> None:
    house.ledger.reset()


def test_the_project_that_holds_the_grant_acts_and_hands_on_no_credential(house: House) -> None:
    flow, published = _flow(house.bea, "blue", "look")
    assert published.is_success, published.text
    assert house.run(house.bea, flow)["state"] == "FINISHED"
    (heard,) = house.ledger.received
    assert not {"authorization", "x-bkapi-authorization", "cookie"} & heard.headers.keys()
    assert "eyJ" not in json.dumps(heard.headers)


def test_the_same_plugin_in_another_project_acts_without_those_rights(house: House) -> None:
    installed = _install(house, house.rod, "red", "look", "ledger:read").json()
    assert {(grant["app_code"], grant["state"]) for grant in installed["grants"]} == {("svc-red", "applied")}
    flow, published = _flow(house.rod, "red", "look")
    assert published.is_success, published.text
    task = house.run(house.rod, flow)
    assert task["state"] != "FINISHED"
    node = house.rod.get(f"/tasks/{task['id']}/nodes/act").json()
    assert "not granted: ledger:read" in json.dumps(node), node
    assert house.ledger.received == []


def test_a_plugin_that_only_another_project_installed_is_not_run(house: House) -> None:
    _, published = _flow(house.rod, "red", "pay")
    assert published.status_code == 422
    assert "not installed" in published.text
    assert house.ledger.received == []


def test_an_install_consents_to_what_the_plugin_needs_or_not_at_all(house: House) -> None:
    for scope in ("ledger:read", "cmdb:read"):
        refused = _install(house, house.rod, "red", "pay", scope)
        assert refused.status_code in {409, 422}, refused.text
        assert "ledger:write" in refused.text
    assert all(each["plugin"] != "pay" for each in house.rod.get("/projects/red/installs").json()["items"])


def test_a_plugin_cannot_call_what_it_did_not_ask_for(house: House) -> None:
    for asked in ("", "ledger:read"):
        manifest = plugin("sly", "ledger.pay", asked)
        headers = {"Content-Type": "application/zip"}
        token = (house.server.data_dir / "cli-token").read_text().strip()
        refused = httpx.post(
            f"{house.url}/v1/plugins",
            content=archive_of(manifest),
            headers=headers | {"Authorization": f"Bearer {token}"},
        )
        assert refused.status_code == 422, refused.text
        assert "ledger:write" in refused.text


def test_another_projects_flow_is_neither_seen_nor_launched(house: House) -> None:
    flow, _ = _flow(house.bea, "blue", "pay")
    task = house.run(house.bea, flow)
    house.ledger.reset()
    for method, path, body in (
        ("GET", f"/flows/{flow}", None),
        ("GET", f"/flows/{flow}/launch-form", None),
        ("POST", f"/flows/{flow}/tasks", {"inputs": {}}),
        ("PUT", f"/flows/{flow}/launchers/rod", {}),
        ("GET", f"/tasks/{task['id']}", None),
        ("GET", f"/tasks/{task['id']}/nodes/act", None),
        ("POST", "/projects/blue/flows", {"name": "mine", "description": ""}),
        ("POST", "/projects/blue/installs", {"plugin": "look", "version": "1.0.0", "consent_scopes": ["ledger:read"]}),
        ("PUT", "/projects/blue/members/rod", {"roles": ["owner"]}),
        ("POST", "/grants", {"app_code": "svc-blue", "system": "ledger", "components": ["pay"]}),
    ):
        answer = house.rod.request(method, path, json=body)
        assert answer.status_code in {403, 404}, f"{method} {path}: {answer.status_code} {answer.text}"
    assert house.ledger.received == []


def test_a_launch_cannot_name_another_project_scopes_or_person(house: House) -> None:
    flow, _ = _flow(house.rod, "red", "look")
    for more in ({"project_id": "blue"}, {"scopes": ["ledger:write"]}, {"on_behalf_of": "bea"}):
        refused = house.rod.post(f"/flows/{flow}/tasks", json={"inputs": {}, **more})
        assert refused.status_code == 422, refused.text
        assert next(iter(more)) in refused.text


def test_a_flow_calls_in_somebodys_name_while_he_consents_and_never_before_or_after(house: House) -> None:
    given = {"document": LEDGER, "name": "books", "upstream_url": house.ledger.url, "signing": "jwt"}
    house.admin.post("/systems:import", given)
    house.admin.upload("/plugins", archive_of(plugin("consult", "books.balance", "books:read")))
    for grant in _install(house, house.bea, "blue", "consult", "books:read").json()["grants"]:
        house.admin.post(f"/grants/{grant['id']}:approve")
    made = house.bea.post("/projects/blue/flows", json={"name": "consult", "description": ""}).json()
    draft = {"definition": flow_of("consult") | {"executor": "rod"}, "draft_version": made["draft_version"]}
    flow = made["id"]
    assert house.bea.put(f"/flows/{flow}/draft", json=draft).is_success
    assert house.bea.post(f"/flows/{flow}:publish", json={"comment": ""}).is_success
    refused = house.run(house.bea, flow)
    assert "rod has not consented" in refused["nodes"]["act"]["error"]
    for_rod = {"project": "blue", "flow": flow, "revision": 1, "scopes": ["books:read"], "days": 1}
    assert [each["flow_id"] for each in house.rod.get("/executor-requests").json()["items"]] == [flow]
    consent = house.rod.post("/executor-consents", json=for_rod)
    assert consent.status_code == 201, consent.text
    assert house.ledger.received == []
    assert house.run(house.bea, flow)["state"] == "FINISHED"
    (heard,) = house.ledger.received
    payload = heard.headers["x-bkapi-jwt"].split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (told["user"]["username"], told["app"]["app_code"]) == ("rod", "svc-blue")
    assert house.rod.delete(f"/executor-consents/{consent.json()['id']}").status_code == 204
    assert "rod has revoked" in house.run(house.bea, flow)["nodes"]["act"]["error"]
    assert len(house.ledger.received) == 1


def test_a_secret_reaches_the_system_and_nothing_that_is_kept(house: House) -> None:
    kept = house.bea.put("/projects/blue/secrets/pin", json={"source": "stored", "value": "hush-4711"})
    assert kept.is_success, kept.text
    house.ledger.body = b'{"echo": "you sent hush-4711"}'
    flow, published = _flow(house.bea, "blue", "pin", pin="pin")
    assert published.is_success, published.text
    task = house.run(house.bea, flow)
    assert task["state"] == "FINISHED", task
    (heard,) = house.ledger.received
    assert heard.json == {"pin": "hush-4711"}
    told = [house.bea.get(path).text for path in (f"/tasks/{task['id']}", f"/tasks/{task['id']}/nodes/act")]
    assert "you sent ******" in told[1]
    everything = [path.read_bytes() for path in house.server.data_dir.rglob("*") if path.is_file()]
    assert not [text for text in (*told, house.admin.get("/audit").__str__()) if "hush-4711" in text]
    assert not [content for content in everything if b"hush-4711" in content]


def test_another_projects_secret_is_not_given_whatever_it_is_called(house: House) -> None:
    house.bea.put("/projects/blue/secrets/theirs", json={"source": "stored", "value": "hush-blue"})
    assert _install(house, house.rod, "red", "pin", "ledger:write").status_code == 201
    for name in ("theirs", "blue/theirs", "svc-blue.theirs"):
        flow, published = _flow(house.rod, "red", "pin", pin=name)
        assert published.is_success, published.text
        task = house.run(house.rod, flow)
        assert task["state"] != "FINISHED"
        assert f"has no secret {name}" in house.rod.get(f"/tasks/{task['id']}/nodes/act").text
    flow, published = _flow(house.rod, "red", "pin", pin="${task.name}")
    assert (published.status_code, "takes a secret" in published.text) == (422, True), published.text
    for method, body in (("GET", None), ("PUT", {"source": "stored", "value": "x"}), ("DELETE", None)):
        path = "/projects/blue/secrets" + ("/theirs" if method != "GET" else "")
        assert house.rod.request(method, path, json=body).status_code == 403
    assert house.ledger.received == []


def test_nobody_gets_a_token_of_a_service_app(house: House) -> None:
    secret = house.rod.post("/apps", json={"app_code": "rods", "name": "Rod's"}).json()["app_secret"]
    for auth in (("svc-blue", secret), ("svc-blue", "")):
        answer = httpx.post(f"{house.url}/oauth/token", data={"grant_type": "client_credentials"}, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    for person in (house.bea, house.rod):
        assert person.post("/apps/svc-blue/secrets").status_code in {403, 409}


def _part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def _forged(house: House) -> list[str]:
    """Tokens of blue's service app, as somebody without its key makes them."""
    (key,) = httpx.get(f"{house.url}/oauth/jwks").json()["keys"][:1]
    now = int(time.time())
    claims = {
        "iss": house.url, "aud": house.url, "sub": "svc-blue", "client_id": "svc-blue", "iat": now, "exp": now + 300,
        "jti": "forged", "scope": "ledger:read ledger:write",
    }  # fmt: skip
    body = _part(claims)
    none = f"{_part({'alg': 'none', 'typ': 'at+jwt', 'kid': key['kid']})}.{body}."
    signed = f"{_part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': key['kid']})}.{body}"
    mac = hmac.digest(json.dumps(key).encode(), signed.encode(), hashlib.sha256)
    with_public_key = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    own = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode()}
    brought = f"{_part({'alg': 'ES256', 'typ': 'at+jwt', 'jwk': own})}.{body}.{'A' * 86}"
    return [none, with_public_key, brought]


def test_a_forged_token_of_another_projects_app_is_refused(house: House) -> None:
    for token in _forged(house):
        answer = httpx.get(f"{house.url}/api/ledger/prod/balance", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, answer.text
    assert house.ledger.received == []


def test_an_app_is_who_its_credential_says_whatever_it_claims(house: House) -> None:
    made = house.rod.post("/apps", json={"app_code": "claims", "name": "Claims"}).json()
    form = {"grant_type": "client_credentials"}
    token = httpx.post(f"{house.url}/oauth/token", data=form, auth=("claims", made["app_secret"])).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    claims = [
        bearer | {"X-Trunkline-App": "svc-blue", "X-Trunkline-Project": "blue"},
        bearer | {"X-Bkapi-App": "svc-blue", "X-Bkapi-JWT": "x.y.z"},
        {"X-Bkapi-Authorization": json.dumps({"bk_app_code": "svc-blue", "bk_app_secret": made["app_secret"]})},
        {"X-Bkapi-Authorization": json.dumps({"bk_app_code": "svc-blue", "bk_app_secret": ""})},
        {
            "X-Bkapi-Authorization": json.dumps(
                {"access_token": token["access_token"], "bk_app_code": "svc-blue", "bk_username": "bea"}
            )
        },
    ]
    for headers in claims:
        answer = httpx.get(f"{house.url}/api/ledger/prod/balance", headers=headers)
        assert answer.status_code in {400, 401, 403}, f"{headers}: {answer.status_code} {answer.text}"
    assert house.ledger.received == []
