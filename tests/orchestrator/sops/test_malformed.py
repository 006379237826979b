"""Calls that no client should send: refused with a code, whatever they hold, and nothing is changed."""

from typing import Any

from sqlalchemy import func, select

from orchestrator.flows.models import FlowRow
from orchestrator.runtime.models import Task
from tests.orchestrator.sops.conftest import Sops, one_database

INTERNAL = 3599999
ODD: list[Any] = [
    "",
    "x",
    "1e400",
    -1,
    0,
    2**70,
    1.5,
    True,
    None,
    [],
    [[]],
    {},
    {"a": {"b": []}},
    "é" * 300,
    "${x}",
    "a/b",
]
ODD_IN_PATH: list[Any] = [-1, 0, 2**70, 1.5, "x", "1e400"]
MEMBERS: dict[str, Any] = {
    "name": "n", "task_name": "n", "node_id": "n", "action": "pause", "code": "c", "template_data": "eA==",
    "plan_start_time": "2090-01-01", "cron": {"minute": "0"}, "constants": {"a": 1}, "task_id_list": [1],
    "pipeline_tree": {part: {} for part in ("start_event", "end_event", "activities", "gateways", "flows")},
    "scope": "cmdb_biz", "template_source": "business", "data": {}, "inputs": {}, "flow_ids": [], "version": "1",
    "flow": "0" * 32, "id": "0" * 32, "callback_url": "http://x/y",
    "subprocess_stack": "[]", "exclude_task_nodes_id": ["n"], "id_in": "1", "loop": 1, "limit": 1, "template_ids": "1",
}  # fmt: skip


@one_database
async def test_whatever_a_parameter_holds_the_call_is_refused_with_a_code(sops: Sops) -> None:
    usual = {**MEMBERS, "bk_biz_id": 2, "template_id": 1, "task_id": 1}
    for number, (component, (method, path)) in enumerate(sops.paths.items()):
        in_path = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for name, odd in _odd(number, sorted(usual), in_path):
            params = {**usual, name: odd}
            if method == "get":
                params = {key: value for key, value in params.items() if not isinstance(value, dict)} | {
                    key: usual[key] for key in in_path if isinstance(params.get(key), dict)
                }
            answer = await sops.call(component, **params)
            assert answer["code"] != INTERNAL, (component, name, odd, answer)
    async with sops.house.database.reading() as session:
        for table in (Task, FlowRow):
            assert (await session.execute(select(func.count()).select_from(table))).scalar_one() == 0


def _odd(number: int, names: list[str], in_path: set[str]) -> list[tuple[str, Any]]:
    """A few of each component's parameters with odd values; in a path what can stand there."""
    chosen = []
    for turn in range(4):
        name = names[(number * 7 + turn * 5) % len(names)]
        odd = ODD[(number + turn * 3) % len(ODD)]
        chosen.append((name, ODD_IN_PATH[(number + turn) % len(ODD_IN_PATH)] if name in in_path else odd))
    return chosen
