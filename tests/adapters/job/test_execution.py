import asyncio
import base64
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.job.service.models import JobHostRun, JobStep
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from kernel.settings import Settings
from tests.adapters.job.conftest import ELSEWHERE, HERE, SCOPE, Jobs, execution, host_of
from tests.adapters.kinds import one_database
from tests.support.patience import until
from tests.support.processes import is_running


async def test_a_script_runs_and_its_output_and_exit_code_are_kept(jobs: Jobs) -> None:
    executed = await jobs.execute("echo hello; echo trouble >&2; exit 0", task_name="greet")
    assert executed["job_instance_name"] == "greet"
    status = await jobs.ended(executed)
    assert status["job_instance"]["status"] == 3
    assert status["step_instance_list"][0]["status"] == 3
    host = host_of(status)
    assert (host["status"], host["exit_code"], host["bk_host_id"]) == (9, 0, HERE.host_id)
    assert host["end_time"] - host["start_time"] == host["total_time"] >= 0
    assert (await jobs.log(executed))["log_content"] == "hello\ntrouble\n"


async def test_a_failing_script_tells_its_exit_code_and_last_words(jobs: Jobs) -> None:
    status = await jobs.ended(await jobs.execute("echo no such disk; exit 3"))
    assert status["job_instance"]["status"] == 4
    assert status["job_instance"]["reason"] == "127.0.0.1: exit code 3: no such disk"
    assert (host_of(status)["status"], host_of(status)["exit_code"]) == (11, 3)


@one_database
@pytest.mark.parametrize(
    ("language", "script"),
    [
        (1, 'echo "$1-$2-$3"'),
        ("shell", 'echo "$1-$2-$3"'),
        (4, "import sys; print('-'.join(sys.argv[1:]))"),
        ("python", "import sys; print('-'.join(sys.argv[1:]))"),
        (3, 'print join("-", @ARGV) . "\\n";'),
    ],
)
@pytest.mark.parametrize("sensitive", [0, 1])
async def test_each_language_gets_its_parameters(jobs: Jobs, language: Any, script: str, sensitive: int) -> None:
    parameters = base64.b64encode(b"'a b' \"it's\" '$HOME;`id`'").decode()
    executed = await jobs.execute(
        script, script_language=language, script_param=parameters, is_param_sensitive=sensitive
    )
    assert (await jobs.ended(executed))["job_instance"]["status"] == 3
    content = (await jobs.log(executed))["log_content"]
    assert content == "a b-it's-$HOME;`id`\n"


async def test_sensitive_parameters_stand_on_no_command_line_and_nowhere_in_the_clear(
    jobs: Jobs, database: Database
) -> None:
    script = "tr '\\0' ' ' < /proc/$$/cmdline; echo; ps -eo args | grep -c 'tops[e]cret'; test \"$1\" = topsecret"
    executed = await jobs.execute(script, script_param_text="topsecret", is_param_sensitive=1)
    assert (await jobs.ended(executed))["job_instance"]["status"] == 3
    assert "topsecret" not in (await jobs.log(executed))["log_content"]
    async with database.reading() as session:
        (step,) = (await session.execute(select(JobStep))).scalars()
        audits = [record.after for record in (await session.execute(select(AuditRecord))).scalars()]
    assert "topsecret" not in step.payload_sealed
    assert "topsecret" not in str(audits)


async def test_scripts_see_no_setting_of_ours(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_SECRET_KEY", "ours")
    executed = await jobs.execute("env")
    await jobs.ended(executed)
    assert "TRUNKLINE" not in (await jobs.log(executed))["log_content"]


async def test_the_log_is_live_while_the_script_runs(jobs: Jobs, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    executed = await jobs.execute(f"echo first; while [ ! -e {gate} ]; do sleep 0.05; done; echo last")
    log = await jobs.says(executed, "first\n")
    assert (log["status"], log["exit_code"]) == (7, None)
    assert (await jobs.status(executed))["job_instance"]["status"] == 2
    gate.touch()
    await jobs.ended(executed)
    assert (await jobs.log(executed))["log_content"] == "first\nlast\n"


async def test_a_script_past_its_timeout_is_ended_with_all_its_children(jobs: Jobs, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    executed = await jobs.execute(f"trap '' TERM; sleep 600 & echo $! $$ > {pids}; wait; sleep 600", timeout=2)
    status = await jobs.ended(executed)
    assert status["job_instance"]["status"] == 4
    assert "timeout of 2 s" in status["job_instance"]["reason"]
    assert (host_of(status)["exit_code"], host_of(status)["error_code"]) == (None, 2)
    await until(lambda: not (any(is_running(int(pid)) for pid in pids.read_text().split())))


async def test_a_running_job_is_terminated_and_an_ended_one_is_not(jobs: Jobs) -> None:
    executed = await jobs.execute("sleep 60")
    await jobs.reaches(executed, 2)
    asked = {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": 1}
    await jobs.gateway.data("operate_job_instance", asked)
    status = await jobs.ended(executed)
    assert status["job_instance"]["status"] == 11
    assert host_of(status)["status"] == 403
    again = await jobs.gateway.call("operate_job_instance", asked)
    assert (again["result"], "has ended already" in again["message"]) == (False, True)


async def test_a_job_terminated_before_it_starts_never_starts(idle_jobs: Jobs, tmp_path: Path) -> None:
    executed = await idle_jobs.execute(f"touch {tmp_path}/ran")
    asked = {**SCOPE, "job_instance_id": executed["job_instance_id"], "operation_code": "1"}
    await idle_jobs.gateway.data("operate_job_instance", asked)
    await idle_jobs.gateway.system.start()
    status = await idle_jobs.ended(executed)
    await asyncio.sleep(0.3)
    await idle_jobs.gateway.system.stop()
    assert status["job_instance"]["status"] == 11
    assert not (tmp_path / "ran").exists()


async def test_another_machine_fails_with_a_reason_and_this_one_still_runs(jobs: Jobs) -> None:
    target = {"host_id_list": [HERE.host_id, ELSEWHERE.host_id]}
    executed = await jobs.execute("echo ok", target_server=target)
    status = await jobs.ended(executed)
    here, there = status["step_instance_list"][0]["step_ip_result_list"]
    assert (here["status"], there["status"], there["error_code"]) == (9, 1, 1)
    assert status["job_instance"]["status"] == 4
    assert status["job_instance"]["reason"].startswith("198.51.100.77: not reachable")
    assert (await jobs.log(executed, bk_host_id=HERE.host_id))["log_content"] == "ok\n"
    assert "not reachable" in (await jobs.log(executed, bk_host_id=ELSEWHERE.host_id))["log_content"]


async def test_what_the_script_sets_comes_back_typed(jobs: Jobs) -> None:
    script = (
        "echo '<SOPS_VAR>highest:91</SOPS_VAR>'; echo '<SOPS_VAR>disk:/dev/sda1</SOPS_VAR>'; echo '{\"free\": 2.5}'"
    )
    executed = await jobs.execute(script)
    await jobs.ended(executed)
    assert (await jobs.log(executed))["variables"] == {"highest": 91, "disk": "/dev/sda1", "free": 2.5}


async def test_output_that_is_no_text_and_too_much_of_it_is_kept_within_bounds(jobs: Jobs) -> None:
    executed = await jobs.execute("printf 'a\\000b\\377c'; head -c 2000000 /dev/zero | tr '\\0' x; echo end")
    await jobs.ended(executed)
    content = (await jobs.log(executed))["log_content"]
    assert len(content) < 1_100_000
    assert content.startswith("[")
    assert content.endswith("xend\n")


async def test_a_script_ended_from_outside_makes_the_job_abnormal(jobs: Jobs, settings: Settings) -> None:
    executed = await jobs.execute("echo up; sleep 60")
    await jobs.says(executed, "up")
    (pid,) = (settings.data_dir / "job").glob("*/*/pid")
    os.killpg(int(pid.read_text()), signal.SIGKILL)
    status = await jobs.ended(executed)
    assert status["job_instance"]["status"] == 9
    assert host_of(status)["error_code"] == 4


async def test_a_key_repeated_twenty_times_at_once_runs_one_script(
    jobs: Jobs, tmp_path: Path, database: Database
) -> None:
    asked = execution(f"echo x >> {tmp_path}/ran; sleep 0.2")
    answers = await asyncio.gather(*(jobs.gateway.call("fast_execute_script", asked, key="run:1") for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    await jobs.ended(answers[0]["data"])
    await jobs.gateway.call("fast_execute_script", asked, key="run:1")
    await asyncio.sleep(0.3)
    assert (tmp_path / "ran").read_text() == "x\n"
    async with database.reading() as session:
        assert len((await session.execute(select(JobHostRun))).scalars().all()) == 1


async def test_nothing_of_a_finished_run_stays_on_disk(jobs: Jobs, settings: Settings) -> None:
    await jobs.ended(await jobs.execute("echo secret"))
    for _ in range(50):
        if not list((settings.data_dir / "job").iterdir()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the run's folder is still there")


async def test_jobs_are_listed_newest_first_and_only_in_their_scope(jobs: Jobs) -> None:
    ids = [(await jobs.execute("true", task_name=f"job {n}"))["job_instance_id"] for n in range(3)]
    listed = await jobs.gateway.data("get_job_instance_list", {**SCOPE, "length": 2})
    assert (listed["total"], [one["job_instance_id"] for one in listed["data"]]) == (3, ids[:0:-1])
    elsewhere = {"bk_scope_type": "biz", "bk_scope_id": 99}
    assert (await jobs.gateway.data("get_job_instance_list", elsewhere))["total"] == 0
    answer = await jobs.gateway.call("get_job_instance_status", {**elsewhere, "job_instance_id": ids[0]})
    assert answer["message"] == f"biz 99 has no job instance {ids[0]}"


async def test_get_reads_numbers_and_truth_from_text(jobs: Jobs) -> None:
    executed = await jobs.execute("true")
    await jobs.ended(executed)
    query = {**SCOPE, "job_instance_id": str(executed["job_instance_id"]), "return_ip_result": "True"}
    answer = await jobs.gateway.get("get_job_instance_status", query)
    assert host_of(answer["data"])["status"] == 9


@one_database
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"script_content": "%%%"}, "script_content: is not UTF-8 text in base64"),
        ({"script_content": None}, "script_content: is missing"),
        ({"script_text": "echo"}, "script_content: and script_text exclude each other"),
        ({"script_id": "x"}, "script_id: no version of x is online"),
        ({"script_version_id": 9}, "script_version_id: biz 2 has no script version 9"),
        ({"script_language": 2}, "script_language: bat scripts can't run"),
        ({"script_language": 9}, "script_language"),
        ({"script_param_text": "'open"}, "script_param_text: can't be read as a command line"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 86401}, "timeout"),
        ({"account_alias": "nobody-here"}, "account_alias"),
        ({"target_server": {}}, "target_server: names no host"),
        ({"target_server": {"host_id_list": [7, 99]}}, "the inventory has no host 99"),
        ({"target_server": {"host_id_list": [7, 9]}}, "host_id_list: not in business 2: host 9"),
        ({"target_server": {"ip_list": [{"bk_cloud_id": 0, "ip": "127.0.0.99"}]}}, "not in business 2: host 9"),
        ({"target_server": {"topo_node_list": [{}]}}, "target_server.topo_node_list"),
        ({"target_server": {"ip_list": [{"ip": "a b"}]}}, "target_server.ip_list.0.ip"),
        ({"callback_url": "http://169.254.169.254/"}, "callback_url: http://169.254.169.254 is not listed"),
        ({"callback_url": "http://127.0.0.1:1/x\r\nA: b"}, "callback_url: an address has at most"),
        ({"callback_url": "http://127.0.0.1:1/\x01"}, "callback_url: an address has at most"),
        ({"callback_url": "file:///etc/passwd"}, "callback_url: expected an absolute http"),
        ({"bk_scope_type": "galaxy"}, "bk_scope_type"),
    ],
)
async def test_a_wrong_parameter_is_named_and_nothing_is_kept(
    idle_jobs: Jobs, database: Database, change: dict[str, Any], named: str
) -> None:
    answer = await idle_jobs.gateway.call("fast_execute_script", {**execution("true"), **change})
    assert (answer["result"], answer["code"]) == (False, 1241001)
    assert named in answer["message"]
    async with database.reading() as session:
        assert (await session.execute(select(JobStep))).first() is None
