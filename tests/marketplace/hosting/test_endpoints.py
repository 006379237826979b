"""Who sees and handles hosted plugins; what calls of them need."""

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from kernel.http.signed_only import SignedCaller
from marketplace.hosting import door
from marketplace.hosting.door import HostedDoor
from marketplace.installs.installed_versions import InstalledVersion, InstalledVersions
from marketplace.package.manifest import Manifest
from tests.support.contracts import ADMIN
from tests.support.marketplace import PROJECT, as_user, build_house
from tests.support.packages import FIND_HOST, manifest_of

PLACE = "/hosted-plugins/greet/versions/1.0.0"


@pytest.fixture
async def house(kernel, package):
    built = build_house(kernel)
    assert (await built.upload(package, "alice")).status_code == 201
    await built.unit.hosted.supervisor.know("greet", "1.0.0")
    yield built
    await built.close()


async def test_administrators_see_all_authors_their_own_others_none(house):
    for user, seen in ((ADMIN, ["greet"]), ("alice", ["greet"]), ("bob", [])):
        answer = await house.client.get("/hosted-plugins", headers=as_user(user))
        assert [item["plugin"] for item in answer.json()["items"]] == seen
    for verb in (":stop", ":start", ":restart"):
        answer = await house.client.post(PLACE + verb, headers=as_user("bob"))
        assert (answer.status_code, answer.json()["code"]) == (404, "hosted_plugin_unknown")
    assert (await house.client.get(PLACE + "/log", headers=as_user("bob"))).status_code == 404


async def test_an_author_stops_starts_and_reads_it(house):
    author = as_user("alice")
    assert (await house.client.post(PLACE + ":stop", headers=author)).json()["state"] == "stopped"
    assert (await house.client.post(PLACE + ":start", headers=author)).json()["state"] == "preparing"
    assert (await house.client.post(PLACE + ":restart", headers=author)).json()["state"] == "preparing"
    hosted = await house.unit.hosted.supervisor.know("greet", "1.0.0")
    hosted.folder.place.mkdir(parents=True)
    hosted.log.write("token=abc")
    assert (await house.client.get(PLACE + "/log", headers=author)).json() == {"lines": ["token=********"]}


async def test_whoever_sees_none_is_told_how_many_there_are_of_others(house):
    for user, unseen in ((ADMIN, 0), ("alice", 0), ("bob", 1)):
        assert (await house.client.get("/plugin-hosting", headers=as_user(user))).json()["unseen"] == unseen


async def test_what_holds_plugins_is_told_to_whoever_is_signed_in(house):
    answer = (await house.client.get("/plugin-hosting", headers=as_user("bob"))).json()
    assert answer["walls"] in {"namespaces", "landlock", "none"}
    assert {each["name"] for each in answer["measures"]} >= {"files", "network", "user", "memory", "processor"}
    assert answer["hosts"] is False


@pytest.mark.parametrize("deep", [b"[" * 10_000 + b"]" * 10_000, b'{"inputs":{"key":' + b"[" * 100_000])
async def test_what_is_nested_without_end_passes_without_secrets_and_is_no_log(house, deep):
    inputs = {"type": "object", "properties": {"key": {"type": "string", "writeOnly": True}}}
    manifest = Manifest.model_validate(FIND_HOST | {"inputs": inputs})
    installed = InstalledVersion("sha256:0", manifest, frozenset())
    assert list(door._secrets(installed, deep)) == []
    assert list(door._secrets(installed, b'{"inputs":{"key":"hunter22"}}')) == ["hunter22"]
    assert await door._masked(await house.unit.hosted.supervisor.know("greet", "1.0.0"), deep) == b"{}"


class Signed:
    """As the gateway's signature would say."""

    def __init__(self, app: ASGIApp, caller: SignedCaller) -> None:
        self._app, self._caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"signed_caller": self._caller}
        await self._app(scope, receive, send)


@pytest.mark.parametrize(
    ("project", "place", "code"),
    [
        ("", "greet/1.0.0/bk_plugin/invoke/1.0.0", "plugin_not_installed"),
        (PROJECT.id, "greet/1.0.0/bk_plugin/invoke/1.0.0", "plugin_not_installed"),
        (PROJECT.id, "find_host/1.0.0/bk_plugin/invoke/1.0.0", "plugin_not_installed"),
        (PROJECT.id, "greet/1.0.0/bk_plugin/waiting", "not_found"),
        ("", "other/1.0.0/bk_plugin/callback/x/", "hosted_plugin_unknown"),
        ("", "greet/1.0.1/bk_plugin/callback/x/", "hosted_plugin_unknown"),
    ],
)
async def test_a_call_needs_a_project_that_installed_it(house, project, place, code):
    await house.publish(manifest_of(FIND_HOST))
    await house.install("find_host", ["cmdb:read"])
    guarded = HostedDoor(house.unit.hosted.supervisor, InstalledVersions(house.database, house.unit.manifests))
    caller = SignedCaller("shop-service", "admin", project, "", "0" * 32)
    transport = httpx.ASGITransport(Signed(guarded.signed(), caller))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        answer = await client.post(f"/{place}", json={"inputs": {}, "context": {}})
    assert answer.json()["code"] == code
