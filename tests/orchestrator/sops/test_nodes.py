"""What nodes wrote and how long they took, by the calls of Standard OPS's clients."""

import dataclasses
from datetime import datetime
from typing import Any

import pytest

from kernel.contracts.authorizer import Action, ResourceKind
from orchestrator.sops.nodes import plugin_logs
from tests.orchestrator.sops.conftest import Sops, one_database
from tests.support.orchestrator import PROJECT, flow_of, plugin_node

TRACED = flow_of(plugin_node("say", inputs={"trace_id": "of-the-call"}), {"id": "nap", "kind": "timer", "seconds": 0})


async def ran(sops: Sops, template: int, **constants: Any) -> int:
    made = await sops.data("create_and_start_task", template_id=template, name="one", constants=constants)
    task: int = made["task_id"]
    await sops.until(task, "FINISHED")
    return task


def of(person: str, sops: Sops) -> Sops:
    identity = {"x-trunkline-app": "demo-app", "x-trunkline-user": person}
    return dataclasses.replace(sops, gateway=dataclasses.replace(sops.gateway, identity=identity))


async def test_what_a_plugin_wrote_is_found_by_the_trace_of_its_call(
    sops: Sops, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await ran(sops, await sops.template(TRACED))
    asked = {"task_id": task, "node_id": "say", "plugin_code": "echo"}
    detail = await sops.data("get_task_node_detail", task_id=task, node_id="say")
    whole = await sops.data("get_task_plugin_log", **asked, trace_id="of-the-call")
    lines = whole["logs"].split("\n")
    assert (whole["total"], whole["scroll_id"]) == (len(lines), str(len(lines)))
    assert all(line.startswith("[20") for line in lines)
    assert await sops.data("get_task_plugin_log", **asked, trace_id=detail["version"]) == whole
    monkeypatch.setattr(plugin_logs, "_PART", 1)
    seen, scroll = [], ""
    while part := await sops.data("get_task_plugin_log", **asked, trace_id="of-the-call", scroll_id=scroll):
        scroll = part["scroll_id"]
        if not part["logs"]:
            break
        seen.append(part["logs"])
    assert seen == lines


@one_database
async def test_a_log_is_that_of_the_node_plugin_and_trace_that_are_named(sops: Sops) -> None:
    task = await ran(sops, await sops.template(TRACED))
    right = {"task_id": task, "node_id": "say", "plugin_code": "echo", "trace_id": "of-the-call"}
    for wrong in ({"node_id": "nap"}, {"node_id": "gone"}, {"plugin_code": "count"}, {"trace_id": "another"}):
        code, message = await sops.refused("get_task_plugin_log", **{**right, **wrong})
        assert (code, next(iter(wrong.values())) in message) == (3540400, True)
    for missing in ("plugin_code", "trace_id", "node_id"):
        code, message = await sops.refused("get_task_plugin_log", **{**right, missing: ""})
        assert (code, missing in message) == (3540000, True)
    assert (await of("bob", sops).refused("get_task_plugin_log", **right))[0] == 3540100


async def test_how_long_a_node_took_is_told_of_the_last_tasks_of_its_template(sops: Sops) -> None:
    template, other = await sops.template(TRACED), await sops.template(TRACED, "Another")
    await ran(sops, other)
    for _ in range(6):
        task = await ran(sops, template)
    activity = (await sops.data("get_task_detail", task_id=task))["pipeline_tree"]["activities"]["say"]
    asked = {"task_id": task, "node_id": "say", "template_node_id": activity["template_node_id"]}
    told = (await sops.data("get_task_node_data", **asked))["execution_time"]
    moments = [datetime.fromisoformat(each["archived_time"]) for each in told]
    assert len(told) == 5
    assert moments == sorted(moments, reverse=True)
    assert all(each["elapsed_time"] >= 0 for each in told)
    data = await sops.data("get_task_node_data", **{**asked, "template_node_id": "gone"})
    assert data["execution_time"] == []
    assert "execution_time" not in await sops.data("get_task_node_data", task_id=task, node_id="say")
    (single,) = (await sops.data("get_task_node_data", **{**asked, "task_id": await ran(sops, other)}))[
        "execution_time"
    ][1:]
    assert single["elapsed_time"] >= 0


@one_database
async def test_who_may_see_only_his_own_tasks_is_told_of_those(sops: Sops) -> None:
    template = await sops.template(TRACED)
    await ran(sops, template)
    sops.house.authorizer.allow(
        "bob", ResourceKind.PROJECT, PROJECT.id, Action.PROJECT_VIEW, Action.FLOW_VIEW, Action.FLOW_LAUNCH
    )
    task = await ran(of("bob", sops), template)
    asked = {"task_id": task, "node_id": "say", "template_node_id": "say"}
    assert len((await of("bob", sops).data("get_task_node_data", **asked))["execution_time"]) == 1
    assert len((await sops.data("get_task_node_data", **asked))["execution_time"]) == 2
