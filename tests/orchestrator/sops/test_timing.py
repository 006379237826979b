"""How long tasks were at work."""

from datetime import UTC, datetime, timedelta

from orchestrator.engine.states import NodeState
from orchestrator.sops.tasks.work_time import Span, work_time
from tests.orchestrator.sops.conftest import Sops, one_database
from tests.support.orchestrator import flow_of, plugin_node

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
INNER = flow_of(plugin_node("check"), {"id": "rest", "kind": "timer", "seconds": 1})
MIXED = {
    **flow_of(
        plugin_node("one"), plugin_node("two"), {"id": "ask", "kind": "confirm"}, {"id": "say", "kind": "approval"},
        {"id": "nap", "kind": "timer", "seconds": 1}, {"id": "hear", "kind": "wait"},
        {"id": "deploy", "kind": "subflow", "flow": "f", "revision": 1},
    ),
    "subflows": {"f@1": INNER},
}  # fmt: skip


def span(node: str, start: int, finish: int, state: NodeState = NodeState.FINISHED) -> Span:
    return Span(node, state, BEGIN + timedelta(seconds=start), BEGIN + timedelta(seconds=finish))


def test_what_runs_side_by_side_counts_once_and_pauses_between_not_at_all() -> None:
    took = work_time(MIXED, [span("two", 5, 12), span("one", 0, 10), span("one", 20, 23)])
    assert (took.seconds, took.nodes, took.waiting) == (15.0, 2, 0)
    assert work_time(MIXED, [span("one", 0, 10), span("two", 2, 4), span("two", 9, 11)]).seconds == 11.0


def test_nodes_that_wait_are_counted_and_their_time_is_not() -> None:
    waits = [span(name, 0, 100) for name in ("ask", "say", "nap", "hear")]
    took = work_time(MIXED, [*waits, span("one", 40, 45), span("start", 0, 0), span("end", 100, 100)])
    assert (took.seconds, took.nodes, took.waiting) == (5.0, 5, 4)


def test_of_a_sub_process_its_nodes_count() -> None:
    inside = [span("deploy.check", 0, 3), span("deploy.rest", 3, 50)]
    took = work_time(MIXED, [span("deploy", 0, 50), *inside])
    assert (took.seconds, took.nodes, took.waiting) == (3.0, 2, 1)


def test_failed_attempts_were_at_work_and_skipped_ones_waited_for_somebody() -> None:
    tried = [span("one", 0, 4, NodeState.FAILED), span("one", 60, 62)]
    assert work_time(MIXED, [*tried, span("two", 62, 3600, NodeState.SKIPPED)]).seconds == 6.0


async def test_the_time_of_a_task_is_told_once_it_has_finished(sops: Sops) -> None:
    template = await sops.template(flow_of(plugin_node("say"), {"id": "ask", "kind": "confirm"}))
    task = (await sops.data("create_and_start_task", template_id=template, name="one"))["task_id"]
    code, message = await sops.refused("get_task_effective_time", task_id=task)
    assert (code, "once one has finished" in message) == (3545000, True)
    while (await sops.call("operate_node", task_id=task, node_id="ask", action="callback"))["result"] is False:
        continue
    await sops.until(task, "FINISHED")
    told = await sops.data("get_task_effective_time", task_id=task)
    counted = told["total_node_count"], told["excluded_node_count"], told["excluded_component_codes"]
    assert counted == (2, 1, ["bk_approve", "pause_node", "sleep_timer"])
    assert 0 <= told["effective_time"] <= told["total_elapsed_time"]
    assert (told["task_instance_id"], told["task_template_id"], told["creator"]) == (task, str(template), "ada")
    assert (told["create_method"], told["category"]) == ("api", "Other")


@one_database
async def test_a_revoked_task_has_none(sops: Sops) -> None:
    template = await sops.template(flow_of({"id": "ask", "kind": "confirm"}))
    task = (await sops.data("create_and_start_task", template_id=template, name="one"))["task_id"]
    await sops.data("operate_task", task_id=task, action="revoke")
    await sops.until(task, "REVOKED")
    assert await sops.refused("get_task_effective_time", task_id=task) == (
        3545000, "a task that is REVOKED has no effective time: it counts once one has finished",
    )  # fmt: skip
    assert (await sops.refused("get_task_effective_time", task_id=10**9))[0] == 3540400
