"""Which flows use a secret of their project, and who is told."""

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.plugin_directory import InstalledPlugin
from tests.support.orchestrator import PROJECT, OrchestratorHouse, as_user, flow_of, plugin_node
from tests.support.scripted_plugins import scripted_plugins

PATH = "/projects/shop/secrets/db.password/uses"
TAKES = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}, "line": {"type": "string"}}}
REFERENCE = '${project.secrets["db.password"]}'


def _keep(house: OrchestratorHouse) -> None:
    house.secrets.by_project[PROJECT.id] = {"db.password": "correct horse", "db": "battery"}
    deploy = InstalledPlugin("deploy", "1.0.0", {"en": "Deploy"}, TAKES, {}, frozenset())
    house.plugins.by_project[PROJECT.id] = [*scripted_plugins(), deploy]


async def test_it_is_found_where_it_is_referred_to_and_where_a_plugin_is_given_its_name(
    house: OrchestratorHouse,
) -> None:
    _keep(house)
    named = {**plugin_node("b", "deploy"), "inputs": {"token": "db.password", "line": "db.password"}}
    flow = await house.publish(flow_of(plugin_node("a", inputs={"line": [f"-p {REFERENCE}"]}), named), "Move")
    await house.make_flow(flow_of(plugin_node("a", inputs={"line": "${project.secrets.db}, not db.password"})), "Other")
    draft, published = (await house.client.get(PATH)).json()["items"]
    assert (draft["flow_id"], draft["flow_name"], draft["revision"], published["revision"]) == (flow, "Move", None, 1)
    assert [(place["node_id"], place["field"], place["text"]) for place in published["places"]] == [
        ("a", "inputs.line[0]", f"-p {REFERENCE}"),
        ("b", "inputs.token", "db.password"),
    ]
    assert house.secrets.opened == []


async def _fields(house: OrchestratorHouse) -> list[str]:
    items = (await house.client.get(PATH)).json()["items"]
    return sorted({place["field"] for item in items for place in item["places"]})


async def test_it_is_found_where_a_version_is_given_its_name_that_is_no_longer_installed(
    house: OrchestratorHouse,
) -> None:
    _keep(house)
    inputs = {"token": "db.password", "line": "db.password", "old": "-p db.password"}
    await house.publish(flow_of({**plugin_node("b", "deploy"), "inputs": inputs}), "Move")
    assert await _fields(house) == ["inputs.token"]
    newer = InstalledPlugin("deploy", "2.0.0", {"en": "Deploy"}, TAKES, {}, frozenset())
    house.plugins.by_project[PROJECT.id] = [*scripted_plugins(), newer]
    assert await _fields(house) == ["inputs.token"]
    house.plugins.by_project[PROJECT.id] = scripted_plugins()
    assert await _fields(house) == ["inputs.line", "inputs.token"]


async def test_who_edits_flows_is_told_and_of_secrets_there_are(house: OrchestratorHouse) -> None:
    _keep(house)
    house.authorizer.allow("dev", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_EDIT)
    house.authorizer.allow("viewer", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_VIEW)
    assert (await house.client.get(PATH, headers=as_user("dev"))).json() == {"items": []}
    assert (await house.client.get(PATH, headers=as_user("viewer"))).status_code == 403
    gone = await house.client.get("/projects/shop/secrets/gone/uses")
    assert (gone.status_code, "shop has no secret gone" in gone.json()["detail"]) == (404, True)
