"""What forms ask while they are filled in: answered within the project's consent and grants, or refused."""

from dataclasses import replace

import pytest

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.components import ComponentDescription
from marketplace.form_data import shapes
from tests.marketplace.form_data.cases import CASES
from tests.marketplace.invoke.test_remote import COMPONENTS, MANIFEST, SCOPES, TRACE
from tests.support.marketplace import PROJECT, as_user
from tests.support.packages import FIND_HOST, manifest_of
from tests.support.scripted_gateway import Said, gateway_error

DATA = "/api/greet/prod/bk_plugin/plugin_api_dispatch/"
ASK = {"url": "/bk_plugin/plugin_api/hosts/?biz=2", "data": {"q": "web"}}
FLOW = "f" * 32
SETS = {"url": "/forms/pipeline/cc_get_set/2/"}
DISPATCH = ComponentDescription(
    "greet", "plugin_api_dispatch", "POST", "/bk_plugin/plugin_api_dispatch/", ("greet:run",), is_read=True
)


def read(system, name, method="POST"):
    return ComponentDescription(system, name, method, f"/{name}/", (f"{system}:read",), is_read=True)


@pytest.fixture
async def ask(house):
    house.components.components += [*COMPONENTS, DISPATCH]
    asked = sorted({case.component for case in CASES})
    house.components.components += [read(*name.split("."), method=method) for name, method in asked]
    manifest = manifest_of(MANIFEST, remote=MANIFEST["remote"] | {"data_api": True})
    for one, scopes in ((manifest, SCOPES), (PICKING, ["cmdb:read", "job:read"])):
        assert (await house.publish(one)).status_code == 201
        assert (await house.install(one["code"], scopes)).status_code == 201
    house.authorizer.allow("dev", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_EDIT)

    async def ask(body=ASK, user="dev", plugin="greet", project="shop"):
        path = f"/projects/{project}/plugins/{plugin}/versions/1.0.0/form-data"
        return await house.client.post(path, json=body, headers=as_user(user))

    return ask


PICKING = manifest_of(
    FIND_HOST,
    code="picking",
    scopes=[*FIND_HOST["scopes"], {"scope": "job:read", "reason": {"en": "Scripts.", "zh": "脚本。"}}],
    form_components=["job.get_script_list"],
)


@pytest.mark.parametrize("text", ["[" * 3000, "[1", "{}", "5"])
def test_lists_that_are_none_narrow_nothing(text):
    host = {"host": {"bk_host_innerip": "10.0.0.1", "bk_os": "Linux"}}

    assert shapes.hosts([host], {"topo": text, "fields": text}) == [{"bk_host_innerip": "10.0.0.1"}]


async def test_choices_of_a_form_are_asked_for_by_name(ask, gateway):
    gateway.answers[DATA] = Said({"result": True, "data": [{"text": "web-1"}], "message": "success", "trace_id": TRACE})

    answer = await ask()

    assert (answer.status_code, answer.json()) == (200, {"data": [{"text": "web-1"}]})
    (asked,) = gateway.asked
    assert asked.body == {"url": ASK["url"], "method": "GET", "username": "dev", "data": {"q": "web"}}
    assert asked.headers["authorization"] == "Bearer token-1"


async def test_a_plugin_is_asked_by_the_address_that_its_context_names(ask, gateway, house):
    gateway.answers[DATA] = Said({"result": True, "data": 1, "message": "success", "trace_id": TRACE})
    path = "/projects/shop/plugins/greet/versions/1.0.0/form-context"
    context = (await house.client.get(path, headers=as_user("dev"))).json()

    answer = await ask({"url": context["bk_plugin_api_host"]["greet"] + "bk_plugin/plugin_api/x", "method": "POST"})

    assert answer.json() == {"data": 1}
    assert gateway.asked[0].body == {
        "url": "/bk_plugin/plugin_api/x", "method": "POST", "username": "dev", "data": {},
    }  # fmt: skip


async def test_choices_that_cannot_be_had_are_a_problem(ask, gateway):
    for said, status in (
        (Said({"result": False, "data": None, "message": "404 error: /x"}, 404), 502),
        (Said([1]), 502),
        (gateway_error(403), 502),
        (gateway_error(503), 503),
    ):
        gateway.answers[DATA] = gateway.answers["/api/cmdb/prod/search_set/"] = said
        assert (await ask()).status_code == status
        assert (await ask(SETS, plugin="picking")).status_code == status


async def test_addresses_of_standard_ops_are_answered_by_components_in_the_shape_forms_expect(ask, gateway, house):
    for case in CASES:
        name, _ = case.component
        gateway.answers = {f"/api/{name.split('.')[0]}/prod/{name.split('.')[1]}/": Said(case.said)}
        gateway.asked.clear()

        answer = await ask({"url": f"/forms/{case.url}"}, plugin="picking")

        assert answer.status_code == 200, (case.url, answer.text)
        assert answer.json() == {"data": {"result": True, "data": case.data, "message": ""}}, case.url
        (asked,) = gateway.asked
        assert (asked.body if asked.method == "POST" else asked.query) == case.asked, case.url
        assert house.tokens.minted[-1] == frozenset({f"{name.split('.')[0]}:read"})


async def test_an_answer_in_pages_is_read_to_its_end_and_no_further(ask, gateway):
    def said(asked):
        start = asked.body["page"]["start"]
        found = [{"bk_set_id": number, "bk_set_name": f"s{number}"} for number in range(start, min(start + 200, 250))]
        return Said({"result": True, "data": {"count": 250, "info": found}})

    gateway.answers["/api/cmdb/prod/search_set/"] = said
    answer = await ask(SETS, plugin="picking")

    assert [one["value"] for one in answer.json()["data"]["data"]] == list(range(250))
    assert [asked.body["page"]["start"] for asked in gateway.asked] == [0, 200]


async def test_what_a_system_refuses_is_told_to_the_form(ask, gateway):
    gateway.answers["/api/cmdb/prod/search_set/"] = Said({"result": False, "code": 1, "message": "no business 2"})
    answer = await ask(SETS, plugin="picking")
    assert answer.json() == {"data": {"result": False, "data": [], "message": "no business 2"}}


async def test_an_answer_of_another_shape_is_a_problem(ask, gateway):
    gateway.answers["/api/cmdb/prod/search_set/"] = Said({"result": True, "data": {"info": ["x"]}})
    assert (await ask(SETS, plugin="picking")).json()["code"] == "form_data_failed"


async def test_more_than_was_consented_to_is_refused_and_nobody_is_asked(ask, gateway):
    for plugin, body, told in (
        ("greet", SETS, "greet did not ask for cmdb:read"),
        ("greet", {"url": "/forms/plugin_service/data_api/other/bk_plugin/plugin_api/x"}, "may not ask other"),
        ("picking", {"url": "/bk_plugin/plugin_api/x"}, "has no data API"),
        ("picking", {**SETS, "method": "POST"}, "is only read"),
        ("picking", {"url": "/forms/pipeline/cc_transfer_host/2/"}, "no address of Standard OPS"),
        ("picking", {"url": "http://elsewhere/forms/pipeline/cc_get_set/2/"}, "leads to another site"),
    ):
        answer = await ask(body, plugin=plugin)
        assert (answer.status_code, answer.json()["code"]) == (403, "form_request_refused")
        assert told in answer.json()["detail"]
    assert gateway.asked == []


async def test_what_the_project_is_not_granted_is_refused(ask, gateway, house):
    house.tokens.covered = frozenset({"job:read"})
    answer = await ask(SETS, plugin="picking")
    assert "shop has no grant for cmdb.search_set" in answer.json()["detail"]
    assert gateway.asked == []


async def test_a_component_that_changes_things_is_never_asked(ask, gateway, house):
    listed = house.components.components
    listed[:] = [replace(one, is_read=False) if one.name == "search_set" else one for one in listed]
    assert "changes things" in (await ask(SETS, plugin="picking")).json()["detail"]
    assert gateway.asked == []


async def test_a_number_that_is_none_is_named(ask):
    answer = await ask({"url": "/forms/pipeline/cc_get_set/x/"}, plugin="picking")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url")


async def test_only_who_fills_in_forms_of_the_project_asks(ask, gateway, house):
    assert (await ask(user="viewer")).status_code == 403
    assert (await ask(plugin="job_execute")).status_code == 404
    assert (await ask(body={"url": "/bk_plugin/plugin_api/\n"})).status_code == 422
    house.authorizer.allow("op", ResourceKind.PROJECT, PROJECT.id, Action.TASK_OPERATE)
    gateway.answers["/api/cmdb/prod/search_set/"] = Said({"result": True, "data": {"info": []}})
    assert (await ask(SETS, user="op", plugin="picking")).status_code == 200


async def test_who_may_launch_a_flow_asks_for_the_plugins_in_it_alone(ask, gateway, house):
    gateway.answers["/api/cmdb/prod/search_set/"] = Said({"result": True, "data": {"info": []}})
    house.authorizer.allow("lou", ResourceKind.FLOW, FLOW, Action.FLOW_LAUNCH)
    house.flows.used.add((FLOW, "picking"))

    assert (await ask({**SETS, "flow": FLOW}, user="lou", plugin="picking")).status_code == 200
    assert (await ask({**SETS, "flow": FLOW}, user="lou", plugin="greet")).status_code == 403
    assert (await ask({**SETS, "flow": "e" * 32}, user="lou", plugin="picking")).status_code == 403
    assert (await ask(SETS, user="lou", plugin="picking")).status_code == 403


async def test_a_form_is_told_of_its_project(ask, house):
    path = "/projects/shop/plugins/picking/versions/1.0.0/form-context"
    free = (await house.client.get(path, headers=as_user("dev"))).json()
    house.businesses.bound[PROJECT.id] = 42
    bound = (await house.client.get(path, headers=as_user("dev"))).json()

    assert (free["project"]["from_cmdb"], free["can_select_biz"], free["biz_cc_id"]) == (False, True, None)
    assert bound["project"] == {"id": PROJECT.id, "bk_biz_id": 42, "from_cmdb": True}
    assert (bound["can_select_biz"], bound["site_url"]) == (False, "/forms/")
    assert (await house.client.get(path, headers=as_user("viewer"))).status_code == 403


async def test_what_a_form_asks_is_applied_for_at_install(ask, house):
    assert (PROJECT.id, "job.get_script_list") in house.grant_desk.filed
