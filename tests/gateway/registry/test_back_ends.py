"""Which back end answers the standard components of a stage."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.snapshot.model.systems import Stage
from kernel.clock import ManualClock
from kernel.contracts.standard_systems import StandardSystem
from kernel.services import KernelServices
from tests.support.management import Management, document, managing

BACK_END = "/v1/systems/cmdb/stages/prod/back-end"
EMBEDDED = "http://127.0.0.1:9099/systems/cmdb"
ELSEWHERE = "http://127.0.0.1:9099/bk"
SIGNING = {"profile": "bk-app", "app_code": "trunkline", "app_secret": "hush hush", "username": "robot"}
TABLE = """
variables: {area: "0"}
ways:
  esb: {answers: esb, prefix: /api/c, signing: [bk-app]}
  direct: {answers: api, signing: [jwt], headers: {X-Area: area}, rename: {bk_error_code: code}}
components:
  list_hosts: {esb: GET /list_hosts/, api: "POST /hosts/{env.area}/{biz}"}
  make_host:
    narrows: {properties: {name: false}}
    esb: POST /make_host/
    api: {call: "PUT /hosts/{id}", body: data, rename: {data.data: info}}
    lacks: {esb: nobody may}
"""


def operation(name: str, method: str, /, **parameters: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"operationId": name}
    if method == "get":
        told["parameters"] = [{"name": key, "in": "query", "schema": value} for key, value in parameters.items()]
    else:
        schema = {"type": "object", "properties": parameters}
        told["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return {f"/{name}": {method: told}}


def surface() -> dict[str, Any]:
    own_id = {"type": "integer", "maximum": 2**31 - 1}
    paths = {
        **operation("list_hosts", "get", biz=own_id, deep={"type": "boolean"}),
        **operation("make_host", "post", id=own_id, data={"type": "object"}, name={"type": "string"}),
        **operation("reboot", "post", id=own_id),
    }
    return {"openapi": "3.1.0", "info": {"title": "Inventory", "version": "1"}, "paths": paths}


@pytest.fixture
async def house(kernel: KernelServices, clock: ManualClock) -> AsyncIterator[Management]:
    standard = StandardSystem("cmdb", EMBEDDED, surface, lambda: TABLE)
    async with managing(kernel, clock, [standard]) as running:
        await running.import_system(surface(), upstream_url=EMBEDDED)
        yield running


def chosen(**more: Any) -> dict[str, Any]:
    return {"back_end": "blueking", "through": "esb", "address": ELSEWHERE, "signing": SIGNING, **more}


def prod(house: Management) -> Stage:
    return house.holder.current.systems["cmdb"].stages["prod"]


async def test_a_stage_goes_to_the_other_system_and_back_under_the_same_names(house: Management) -> None:
    before = prod(house)
    there = (await house.client.put(BACK_END, json=chosen())).json()
    assert there["live"] is True
    assert {key: there["back_end"][key] for key in ("back_end", "through", "release", "address")} == {
        "back_end": "blueking", "through": "esb", "release": "1.1.0", "address": ELSEWHERE,
    }  # fmt: skip
    stage = prod(house)
    assert set(stage.components) == set(before.components)
    assert stage.components["list_hosts"].upstream_path == "/api/c/list_hosts/"
    signing = stage.settings.signing
    assert (signing.profile, signing.secret, signing.parameters["username"]) == ("bk-app", b"hush hush", "robot")
    back = (await house.client.put(BACK_END, json={"back_end": "embedded"})).json()["back_end"]
    assert (back["back_end"], back["release"], back["address"]) == ("embedded", "1.0.0", EMBEDDED)
    assert prod(house).settings.signing == before.settings.signing


async def test_each_release_is_made_once(house: Management) -> None:
    for body in (chosen(), {"back_end": "embedded"}, chosen()):
        assert (await house.client.put(BACK_END, json=body)).status_code == 200
    releases = (await house.client.get("/v1/systems/cmdb/releases")).json()["items"]
    assert [release["version"] for release in releases] == ["1.1.0", "1.0.0"]


async def test_what_is_lacking_there_is_told_before_and_refused_afterwards(house: Management) -> None:
    lacking = [
        {"component": "make_host", "reason": "nobody may"},
        {"component": "reboot", "reason": "that system has none like it"},
    ]
    before = (await house.client.get(BACK_END)).json()
    assert (before["back_end"], before["lacking"]) == ("embedded", [])
    assert before["ways"][0] == {"through": "esb", "signing": ["bk-app"], "lacking": lacking}
    assert (await house.client.put(BACK_END, json=chosen())).json()["back_end"]["lacking"] == lacking
    (mock,) = [policy.config for policy in prod(house).components["reboot"].policies["mock"]]
    assert '"result": false' in mock.body  # type: ignore[attr-defined]
    assert "reboot is not to be had on this back end" in mock.body  # type: ignore[attr-defined]


async def test_parameters_move_to_where_the_other_system_has_them(house: Management) -> None:
    body = chosen(through="direct", signing={"profile": "jwt"}, variables={"area": "7"})
    assert (await house.client.put(BACK_END, json=body)).status_code == 200
    components = prod(house).components
    listing, making = components["list_hosts"], components["make_host"]
    assert (listing.upstream_method, listing.upstream_path) == ("POST", "/hosts/7/{biz}")
    moved = {(each.to.location, each.to.name, each.value_type) for each in listing.mapping}
    assert moved == {("path", "biz", "string"), ("body", "deep", "boolean"), ("header", "x-area", "string")}
    assert {(each.to.location, each.to.name) for each in making.mapping} == {
        ("path", "id"), ("body", ""), ("header", "x-area"),
    }  # fmt: skip
    (rename,) = [policy.config for policy in making.policies["answer-rename"]]
    assert rename.members == {"bk_error_code": "code", "data.data": "info"}  # type: ignore[attr-defined]
    schema = making.body_schema
    assert isinstance(schema, dict)
    assert schema["properties"]["id"] == {"type": "integer"}, "another system counts further"
    assert schema["allOf"] == [{"properties": {"name": False}}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (chosen(through="sms"), "through"),
        (chosen(signing={"profile": "bearer", "token": "x"}), "signing.profile"),
        (chosen(signing=None), "signing.profile"),
        (chosen(signing={"profile": "bk-app", "app_code": "trunkline"}), "app_secret"),
        (chosen(address=None), "address"),
        (chosen(address="http://10.0.0.8/"), "address"),
        (chosen(colour="blue"), "blueking.colour"),
        (chosen(variables={f"v{n}": "x" for n in range(50)}), "blueking.variables"),
    ],
)
async def test_a_wrong_choice_is_named_and_changes_nothing(house: Management, body: dict[str, Any], field: str) -> None:
    before = house.holder.current.revision
    answer = await house.client.put(BACK_END, json=body)
    assert answer.status_code in {400, 422}, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert house.holder.current.revision == before
    assert (await house.client.get(BACK_END)).json()["back_end"] == "embedded"


async def test_variables_add_up_to_what_a_stage_may_have(house: Management) -> None:
    for start in range(0, 100, 20):
        body = chosen(variables={f"v{start + number}": "x" for number in range(20)})
        answer = await house.client.put(BACK_END, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "variables"), "`area` is one too"
    unservable = chosen(through="direct", signing={"profile": "jwt"}, variables={"area": ""})
    assert (await house.client.put(BACK_END, json=unservable)).json()["code"] == "unservable"


async def test_a_system_of_somebody_elses_has_no_back_ends(house: Management) -> None:
    await house.import_system(document(), name="disks")
    place = "/v1/systems/disks/stages/prod/back-end"
    shown = (await house.client.get(place)).json()
    assert (shown["back_end"], shown["release"], shown["ways"]) == (None, "1.0.0", [])
    answer = await house.client.put(place, json=chosen())
    assert (answer.status_code, answer.json()["detail"]) == (
        404, "disks has no back ends to choose from: cmdb has",
    )  # fmt: skip


async def test_components_of_the_owners_own_keep_a_stage_where_it_is(house: Management) -> None:
    own = {"method": "GET", "path": "/mine"}
    assert (await house.client.put("/v1/systems/cmdb/draft/components/mine", json=own)).status_code in {200, 201}
    release = (await house.client.post("/v1/systems/cmdb/releases", json={})).json()["version"]
    await house.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": release})
    answer = await house.client.put(BACK_END, json=chosen())
    assert (answer.status_code, answer.json()["code"]) == (409, "own_components")
    assert "mine" in answer.json()["detail"]


async def test_only_who_manages_the_system_chooses_and_the_log_has_no_secret(house: Management) -> None:
    stranger = await house.person("eve")
    assert (await stranger.put(BACK_END, json=chosen())).status_code in {403, 404}
    await house.client.put(BACK_END, json=chosen())
    records = await house.audit("system", "cmdb")
    (record,) = [each for each in records if each.action == "stage.back_end_chosen"]
    assert (record.before["back_end"], record.after["back_end"]) == ("embedded", "blueking through esb")
    assert "hush" not in "".join(str(each.after) + str(each.before) for each in records)
