"""The job system's standard components: the same calls, the same meaning, whoever answers."""

import base64
import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Surface

SUCCESS, FAILED, KILLED = 3, 4, 11
OK, NOT_OK = 9, 11
_SECONDS = 20


def run(surface: Surface, script: str, **more: Any) -> dict[str, Any]:
    """Starts the script on one host; the ids it has."""
    executed: dict[str, Any] = surface.data("job.fast_execute_script", **script_of(surface, script), **more)
    assert set(executed) >= {"job_instance_id", "job_instance_name", "step_instance_id"}
    return executed


def script_of(surface: Surface, script: str) -> dict[str, Any]:
    return {
        **surface.place.scope,
        "script_content": base64.b64encode(script.encode()).decode(),
        "script_language": 1,
        "account_alias": surface.place.account,
        "target_server": {"host_id_list": [surface.place.job_host]},
    }


def status(surface: Surface, executed: dict[str, Any]) -> dict[str, Any]:
    asked = {**surface.place.scope, "job_instance_id": executed["job_instance_id"]}
    found: dict[str, Any] = surface.data("job.get_job_instance_status", **asked, return_ip_result=True)
    return found


def ended(surface: Surface, executed: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + _SECONDS
    while not (found := status(surface, executed))["finished"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def log(surface: Surface, found: dict[str, Any]) -> dict[str, Any]:
    (step,) = found["step_instance_list"]
    told: dict[str, Any] = surface.data(
        "job.get_job_instance_ip_log",
        **surface.place.scope,
        job_instance_id=found["job_instance"]["job_instance_id"],
        step_instance_id=step["step_instance_id"],
        bk_host_id=step["step_ip_result_list"][0]["bk_host_id"],
    )
    return told


def test_a_script_runs_and_tells_what_it_wrote(surface: Surface) -> None:
    found = ended(surface, run(surface, "echo disk-91", task_name="disks"))
    assert (found["job_instance"]["status"], found["job_instance"]["name"]) == (SUCCESS, "disks")
    (step,) = found["step_instance_list"]
    (host,) = step["step_ip_result_list"]
    assert (step["type"], step["status"]) == (1, SUCCESS)
    assert (host["bk_host_id"], host["status"], host["exit_code"]) == (surface.place.job_host, OK, 0)
    times = {"start_time", "end_time", "total_time"}
    assert set(host) >= {"ip", "bk_cloud_id", "tag", "error_code", *times}
    assert step["start_time"] > 1_000_000_000_000, "milliseconds"
    told = log(surface, found)
    assert (told["log_type"], told["log_content"].strip()) == (1, "disk-91")


def test_hosts_and_the_language_may_be_texts(surface: Surface) -> None:
    known = _only_host(ended(surface, run(surface, "true")))
    text = f"{known['bk_cloud_id']}:{known['ip']}"
    asked = script_of(surface, "echo here") | {"target_server": {"ip_list": text}, "script_language": "1"}
    found = ended(surface, surface.data("job.fast_execute_script", **asked))
    assert found["job_instance"]["status"] == SUCCESS
    assert _only_host(found)["ip"] == known["ip"]


def _only_host(found: dict[str, Any]) -> dict[str, Any]:
    (step,) = found["step_instance_list"]
    (host,) = step["step_ip_result_list"]
    return dict(host)


def test_a_script_that_fails_is_told_with_its_exit_code(surface: Surface) -> None:
    found = ended(surface, run(surface, "exit 3"))
    (host,) = found["step_instance_list"][0]["step_ip_result_list"]
    assert (found["job_instance"]["status"], host["status"], host["exit_code"]) == (FAILED, NOT_OK, 3)


def test_a_running_job_is_ended(surface: Surface) -> None:
    executed = run(surface, "sleep 60")
    asked = {**surface.place.scope, "job_instance_id": executed["job_instance_id"]}
    assert surface.data("job.operate_job_instance", **asked, operation_code=1)["job_instance_id"]
    assert ended(surface, executed)["job_instance"]["status"] == KILLED


def test_files_are_brought_and_each_is_told_of(surface: Surface, tmp_path: Path) -> None:
    source, to = tmp_path / "app.tar", tmp_path / "there"
    source.write_bytes(b"content")
    server, account = {"host_id_list": [surface.place.job_host]}, surface.place.account
    executed = surface.data(
        "job.fast_transfer_file",
        **surface.place.scope,
        file_source_list=[{"file_list": [str(source)], "server": server, "account": {"alias": account}}],
        file_target_path=str(to),
        account_alias=account,
        target_server=server,
        transfer_mode=2,
    )
    found = ended(surface, executed)
    assert (found["job_instance"]["status"], found["step_instance_list"][0]["type"]) == (SUCCESS, 2)
    told = log(surface, found)
    (down,) = [each for each in told["file_logs"] if each["mode"] == 1]
    assert (told["log_type"], down["src_path"], down["status"]) == (2, str(source), 4)
    assert (down["dest_path"], set(down["dest_ip"]) >= {"bk_cloud_id", "ip"}) == (f"{to}/app.tar", True)


def test_sources_of_files_may_be_rows_of_texts(surface: Surface, tmp_path: Path) -> None:
    """As the plugin that pushes files calls it."""
    known = _only_host(ended(surface, run(surface, "true")))
    first, second = tmp_path / "app.tar", tmp_path / "app.conf"
    for source in (first, second):
        source.write_bytes(b"content")
    text, account = f"{known['bk_cloud_id']}:{known['ip']}", surface.place.account
    executed = surface.data(
        "job.fast_transfer_file",
        **surface.place.scope,
        file_source_list=[{"ip": text, "files": f"{first}\n{second}", "account": account}],
        file_target_path=str(tmp_path / "there"),
        account_alias=account,
        target_server={"ip_list": text},
    )
    found = ended(surface, executed)
    assert found["job_instance"]["status"] == SUCCESS
    down = [each for each in log(surface, found)["file_logs"] if each["mode"] == 1]
    assert sorted(each["src_path"] for each in down) == sorted(map(str, (first, second)))


def test_a_plan_is_executed_with_its_variables(surface: Surface) -> None:
    given = [{"name": "who", "value": "ada"}]
    asked = {**surface.place.scope, "job_plan_id": surface.place.plan}
    executed = surface.data("job.execute_job_plan", **asked, global_var_list=given)
    assert executed["job_instance_name"] == "greet"
    found = ended(surface, executed)
    assert (found["job_instance"]["status"], log(surface, found)["log_content"].strip()) == (SUCCESS, "hello ada")


@pytest.mark.parametrize(
    ("component", "params", "named"),
    [
        ("fast_execute_script", {"bk_scope_type": "biz", "script_content": "eA=="}, "bk_scope_id"),
        (
            "fast_transfer_file",
            {"bk_scope_type": "biz", "bk_scope_id": "1", "file_source_list": [], "target_server": {}},
            "file_target_path",
        ),
        ("execute_job_plan", {"bk_scope_type": "biz", "bk_scope_id": "1"}, "job_plan_id"),
        (
            "get_job_instance_status",
            {"bk_scope_type": "biz", "bk_scope_id": "1", "job_instance_id": "x"},
            "job_instance_id",
        ),
        (
            "get_job_instance_ip_log",
            {"bk_scope_type": "biz", "bk_scope_id": "1", "job_instance_id": 1},
            "step_instance_id",
        ),
        ("operate_job_instance", {"bk_scope_type": "biz", "bk_scope_id": "1", "job_instance_id": 1}, "operation_code"),
    ],
)
def test_what_is_wrong_is_named_before_anything_is_done(
    surface: Surface, component: str, params: dict[str, Any], named: str
) -> None:
    assert named in surface.refused(f"job.{component}", **params)
    assert surface.blueking.callers == []


def test_a_refusal_of_the_system_has_its_code_and_message(surface: Surface) -> None:
    answer = surface.call("job.get_job_instance_status", **surface.place.scope, job_instance_id=999_999)
    assert (answer["result"], answer["code"] > 1_000_000, answer["data"]) == (False, True, None)
    assert "999999" in answer["message"] or "job_instance_id" in answer["message"]


def test_a_script_as_text_with_the_names_people_use_runs_as_well(surface: Surface) -> None:
    """As the script plugin calls it."""
    script = {name: value for name, value in script_of(surface, "").items() if not name.startswith("script_")}
    said = {"script_text": "echo text-1", "script_param_text": "a b", "script_language": "shell"}
    executed = surface.data("job.fast_execute_script", **script, **said, is_param_sensitive=False)
    found = ended(surface, executed)
    told = log(surface, found)
    assert (found["job_instance"]["status"], told["log_content"].strip()) == (SUCCESS, "text-1")
    assert (told["variables"], "exit_code" in told, "reason" in found["job_instance"]) == ({}, True, True)
