"""Jobs that were executed, and logs while they grow."""

from pathlib import Path
from typing import Any

from adapters.job.service.workspace import Workspace
from tests.adapters.job.conftest import ELSEWHERE, HERE, SCOPE, Jobs, local


async def _listed(jobs: Jobs, **asked: Any) -> list[int]:
    answer = await jobs.gateway.data("get_job_instance_list", {**SCOPE, **asked})
    assert answer["total"] == len(answer["data"])
    return [one["job_instance_id"] for one in answer["data"]]


async def test_the_history_is_found_by_what_was_done_and_where(idle_jobs: Jobs) -> None:
    step = {"name": "one", "type": 1, "script_info": local("true")}
    plan = await idle_jobs.gateway.data("create_job_plan", {**SCOPE, "name": "release 100%", "step_list": [step]})
    planned = await idle_jobs.gateway.data("execute_job_plan", {**SCOPE, "job_plan_id": plan["job_plan_id"]})
    far = {"ip_list": [{"ip": ELSEWHERE.ip}]}
    script = await idle_jobs.execute("true", task_name="restart", target_server=far)
    one, two = planned["job_instance_id"], script["job_instance_id"]
    assert await _listed(idle_jobs) == [two, one]
    for asked, expected in (
        ({"name": "100%"}, [one]),
        ({"name": "%"}, [one]),
        ({"name": "start"}, [two]),
        ({"type": 0}, [one]),
        ({"type": "1"}, [two]),
        ({"type": 2}, []),
        ({"ip": HERE.ip}, [one]),
        ({"ip": ELSEWHERE.ip}, [two]),
        ({"job_plan_id": plan["job_plan_id"]}, [one]),
        ({"job_instance_id": two}, [two]),
        ({"status": 4}, [two]),
        ({"operator": "nobody"}, []),
    ):
        assert await _listed(idle_jobs, **asked) == expected, asked


async def test_scopes_with_jobs_are_told_the_last_one_first(idle_jobs: Jobs) -> None:
    for scope_id in ("2", "2", "3"):
        await idle_jobs.execute("true", bk_scope_id=scope_id, target_server={"ip_list": [{"ip": "198.51.100.1"}]})
    scopes = await idle_jobs.gateway.data("get_job_scope_list", {})
    assert [(one["bk_scope_type"], one["bk_scope_id"], one["job_count"]) for one in scopes] == [
        ("biz", "3", 1),
        ("biz", "2", 2),
    ]


async def test_a_log_is_read_on_from_where_it_was_left(jobs: Jobs, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    executed = await jobs.execute(f"echo first; while [ ! -e {gate} ]; do sleep 0.02; done; echo second")
    log = await jobs.says(executed, "first\n")
    asked = {**SCOPE, **{name: executed[name] for name in ("job_instance_id", "step_instance_id")}, "ip": HERE.ip}
    more = await jobs.gateway.data("get_job_instance_ip_log", {**asked, "log_offset": log["log_size"]})
    assert (more["log_content"], more["log_offset"], more["log_size"]) == ("", 6, 6)
    gate.touch()
    await jobs.ended(executed)
    whole = await jobs.gateway.data("get_job_instance_ip_log", {**asked, "log_offset": log["log_size"]})
    assert (whole["log_content"], whole["log_offset"], whole["log_size"]) == ("first\nsecond\n", 0, 13)


def test_a_part_of_a_log_ends_with_a_whole_character(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "1" / "0")
    workspace.prepare({})
    workspace.append("1€".encode()[:-1])
    first = workspace.log_from(0, 100)
    assert (first.text, first.start, first.end) == ("1", 0, 1)
    workspace.append("€".encode()[-1:] + b"2")
    assert workspace.log_from(first.end, 100).text == "€2"
    late = workspace.log_from(0, 2)
    assert (late.start, late.end) == (0, 5)
    assert late.text.startswith("[3 bytes left out]")
