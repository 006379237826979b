"""Tasks that somebody asks for and others run, by the calls of Standard OPS's clients."""

from typing import Any

from kernel.contracts.authorizer import Action, ResourceKind
from tests.orchestrator.sops.conftest import BIZ, Sops, one_database
from tests.support.orchestrator import PROJECT, flow_of, plugin_node

FORM = {"schema": {"type": "object", "properties": {"ip": {"type": "string"}, "note": {"type": "string"}}}}
ECHO = flow_of(plugin_node("say", inputs={"ip": "${inputs.ip}", "note": "${inputs.note}"}), form=FORM)


async def asked_for(sops: Sops, **more: Any) -> dict[str, Any]:
    sops.house.authorizer.allow("ada", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_REQUEST)
    template = await sops.template(ECHO)
    constants = {"${ip}": "10.0.0.1", "${note}": "first"}
    asked = {"template_id": template, "name": "wish", "flow_type": "common_func", "constants": constants, **more}
    made: dict[str, Any] = await sops.call("create_task", **asked)
    return made


async def test_a_task_that_is_asked_for_is_claimed_changed_and_started(sops: Sops) -> None:
    made = (await asked_for(sops))["data"]
    number = made["task_id"]
    assert made["function_task_claim_url"].rpartition("/")[0].endswith("/requests")
    assert made["pipeline_tree"]["constants"]["${ip}"]["value"] == "10.0.0.1"
    assert await sops.data("get_task_list") == []
    (waiting,) = await sops.data("get_functionalization_task_list")
    assert (waiting["id"], waiting["status"], waiting["creator"]) == (number, "submitted", "ada")
    assert (waiting["task"]["id"], waiting["task"]["is_started"], waiting["task"]["bk_biz_id"]) == (number, False, BIZ)
    assert (await sops.refused("start_task", task_id=number))[0] == 3545000
    code, message = await sops.refused("get_task_status", task_id=number)
    assert (code, "claimed" in message) == (3545000, True)
    changed = {"task_id": number, "constants": {"${note}": "second"}, "name": "deed"}
    assert await sops.data("claim_functionalization_task", **changed) == "success"
    (claimed,) = await sops.data("get_functionalization_task_list", status="claimed", claimant="AD")
    assert (claimed["name"], claimed["claimant"], claimed["claim_time"] != "") == ("deed", "ada", True)
    assert "task_url" in await sops.data("start_task", task_id=number)
    done = await sops.until(number, "FINISHED")
    assert done["name"] == "deed"
    (one,) = await sops.data("get_tasks_status", task_id_list=[number])
    assert (one["id"], one["status"]["state"]) == (number, "FINISHED")
    (row,) = await sops.data("get_task_list", create_method="app")
    node = await sops.data("get_task_node_detail", task_id=row["id"], node_id="say")
    assert node["inputs"] == {"ip": "10.0.0.1", "note": "second"}
    (finished,) = await sops.data("get_functionalization_task_list", task_id_in=str(row["id"]))
    assert finished["claim_time"] == claimed["claim_time"]
    assert (finished["id"], finished["status"], finished["task"]["id"]) == (number, "finished", row["id"])
    assert finished["task"]["create_method"] == "app"
    assert (await sops.refused("start_task", task_id=number))[0] == 3545000


@one_database
async def test_what_is_asked_for_may_be_filled_in_as_text_whatever_it_is(sops: Sops) -> None:
    sops.house.authorizer.allow("ada", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_REQUEST)
    form = {"schema": {"type": "object", "properties": {"many": {"type": "integer"}}}}
    template = await sops.template(flow_of(plugin_node("say"), form=form))
    asked = {"template_id": template, "name": "wish", "flow_type": "common_func", "constants": {"${many}": "3"}}
    made = await sops.data("create_task", **asked, simplify_vars=["${many}"])
    assert made["pipeline_tree"]["constants"]["${many}"]["value"] == 3
    assert (await sops.refused("create_task", **asked))[0] == 3540000


async def test_lists_of_what_is_asked_for_are_filtered(sops: Sops) -> None:
    await asked_for(sops, name="one")
    number = (await asked_for(sops, name="two"))["data"]["task_id"]
    project = (await sops.data("get_user_project_list"))[0]["project_id"]
    for wanted, names in (
        ({}, ["two", "one"]),
        ({"limit": 1, "offset": 1}, ["one"]),
        ({"id_in": f"{number},9999"}, ["two"]),
        ({"task_id_in": [number]}, ["two"]),
        ({"id_in": "9999"}, []),
        ({"status": "submitted", "creator": "ad", "execute_status": "nonExecution"}, ["two", "one"]),
        ({"status": "claimed"}, []),
        ({"status": "executed"}, []),
        ({"status": "finished"}, []),
        ({"status": "rejected"}, []),
        ({"execute_status": "running"}, []),
        ({"execute_status": "finished"}, []),
        ({"claimant": "ada"}, []),
        ({"project_id": project}, ["two", "one"]),
        ({"project_id": 9999}, []),
        ({"create_time_lte": "2001-01-01"}, []),
        ({"create_time_gte": "2001-01-01"}, ["two", "one"]),
    ):
        assert [each["name"] for each in await sops.data("get_functionalization_task_list", **wanted)] == names, wanted
    assert (await sops.call("get_functionalization_task_list", limit=1))["count"] == 2
    code, message = await sops.refused("get_functionalization_task_list", create_time_lte="soon")
    assert (code, "create_time_lte" in message, "create_time_gte" in message) == (3540000, True, False)


@one_database
async def test_what_does_not_fit_is_asked_for_by_nobody(sops: Sops) -> None:
    for more in ({"exclude_task_nodes_id": ["say"]}, {"constants": {"${gone}": 1}}, {"template_schemes_id": ["a"]}):
        assert (await asked_for(sops, **more))["code"] == 3540000
    assert await sops.data("get_functionalization_task_list") == []
    assert (await sops.refused("claim_functionalization_task", task_id=10**9))[0] == 3540400
    number = (await asked_for(sops))["data"]["task_id"]
    sops.house.authorizer.rules.discard(("ada", Action.TASK_OPERATE, ResourceKind.PROJECT, PROJECT.id))
    assert await sops.data("get_functionalization_task_list") == []
    assert (await sops.refused("claim_functionalization_task", task_id=number))[0] == 3540100
