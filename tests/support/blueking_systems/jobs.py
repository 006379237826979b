"""A small BK-JOB: a script that says `exit N` ends so, one that says `sleep` runs until it is killed.

What scripts print is what stands behind their `echo`. Source of states: TencentBlueKing/bk-job,
docs/apidoc/esb/jobv3-confapis.
"""

import base64
import itertools
import re
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.blueking_systems.documented import Undocumented
from tests.support.blueking_systems.refusal import Refused

MISSING: Final = 1241001
NOT_THERE: Final = 1244006
PLAN: Final = 1000
FIRST_ID: Final = 20_000_000_000
RUNNING, SUCCESS, FAILED, KILLED = 2, 3, 4, 11
AT: Final = 1_605_064_271_000

Record = dict[str, Any]


@dataclass
class _Job:
    name: str
    step: int
    kind: int
    status: int
    hosts: list[Record]
    log: str = ""
    exit_code: int = 0
    files: list[Record] = field(default_factory=list)


@dataclass
class Jobs:
    jobs: dict[int, _Job] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(FIRST_ID))

    def answer(self, component: str, params: Record) -> Any:
        """The data; raises Refused."""
        return getattr(self, f"_{component}")(params)

    def _fast_execute_script(self, params: Record) -> Any:
        if not params.get("account_alias") and not params.get("account_id"):
            raise Refused(MISSING, "account_id and account_alias are both empty")
        if not params.get("script_content"):
            raise Refused(MISSING, "script_content is empty")
        if params.get("script_language") not in {1, 2, 3, 4, 5}:
            raise Refused(MISSING, "script_language is wrong")
        script = base64.b64decode(params["script_content"]).decode()
        base64.b64decode(params.get("script_param", ""))
        told = re.search(r"exit (\d+)", script)
        code = int(told[1]) if told else 0
        status = RUNNING if "sleep" in script else FAILED if code else SUCCESS
        job = _Job(params.get("task_name", "script"), next(self._numbers), 1, status, _targets(params))
        job.log, job.exit_code = "\n".join(re.findall(r"echo (\S+)", script)) + "\n", code
        return self._kept(job) | {"step_instance_id": job.step}

    def _fast_transfer_file(self, params: Record) -> Any:
        job = _Job(params.get("task_name", "files"), next(self._numbers), 2, SUCCESS, _targets(params))
        for source in params["file_source_list"]:
            _check_source(source)
            job.files += [
                {
                    "mode": 1, "src_ip": {"bk_host_id": 1, "bk_cloud_id": 0, "ip": "10.0.0.9"}, "src_path": path,
                    "dest_ip": host, "dest_path": f"{params['file_target_path']}/{path.rsplit('/', 1)[1]}",
                    "status": 4, "log_content": "done",
                }
                for path in source["file_list"]
                for host in job.hosts
            ]  # fmt: skip
        return self._kept(job) | {"step_instance_id": job.step}

    def _execute_job_plan(self, params: Record) -> Any:
        if params["job_plan_id"] != PLAN:
            raise Refused(NOT_THERE, "the job plan is not there")
        job = _Job("greet", next(self._numbers), 1, SUCCESS, [{"bk_host_id": 1, "bk_cloud_id": 0, "ip": "10.0.0.1"}])
        given = {each["name"]: each["value"] for each in params.get("global_var_list", ())}
        job.log = f"hello {given.get('who', 'nobody')}\n"
        return self._kept(job)

    def _operate_job_instance(self, params: Record) -> Any:
        job = self._job(params)
        if params["operation_code"] == 1 and job.status == RUNNING:
            job.status = KILLED
        return {"job_instance_id": params["job_instance_id"]}

    def _get_job_instance_status(self, params: Record) -> Any:
        job, number = self._job(params), params["job_instance_id"]
        times = {"create_time": AT, "start_time": AT, "end_time": AT + 1000, "total_time": 1000}
        step = {
            "step_instance_id": job.step, "name": job.name, "type": job.kind, "status": job.status, "execute_count": 0,
            **times,
        }  # fmt: skip
        if params.get("return_ip_result"):
            status = {SUCCESS: 9, FAILED: 11, KILLED: 403, RUNNING: 7}[job.status]
            result = {"status": status, "tag": "", "exit_code": job.exit_code, "error_code": 0, **times}
            step["step_ip_result_list"] = [{**host, **result} for host in job.hosts]
        scope = {name: params[name] for name in ("bk_scope_type", "bk_scope_id")}
        instance = {"job_instance_id": number, "name": job.name, "status": job.status, **scope, **times}
        return {"finished": job.status != RUNNING, "job_instance": instance, "step_instance_list": [step]}

    def _get_job_instance_ip_log(self, params: Record) -> Any:
        job = self._job(params)
        host = {name: params[name] for name in ("bk_host_id", "bk_cloud_id", "ip") if name in params}
        if job.kind == 1:
            return {"log_type": 1, **host, "log_content": job.log}
        return {"log_type": 2, **host, "file_logs": job.files}

    def _get_account_list(self, params: Record) -> Any:
        return {"data": [{"id": 1, "alias": "root", "account": "root"}], "start": 0, "length": 20, "total": 1}

    def _kept(self, job: _Job) -> Record:
        number = next(self._numbers)
        self.jobs[number] = job
        return {"job_instance_id": number, "job_instance_name": job.name}

    def _job(self, params: Record) -> _Job:
        job = self.jobs.get(params["job_instance_id"])
        if job is None:
            raise Refused(NOT_THERE, f"job instance {params['job_instance_id']} is not there")
        return job


def _check_source(source: Record) -> None:
    """Members as JOB's documents have them: lists of paths and of hosts, an account by id or alias."""
    unknown = source.keys() - {"file_list", "account", "server", "file_type", "file_source_id", "file_source_code"}
    if unknown or not all(isinstance(path, str) for path in source["file_list"]):
        raise Undocumented(f"file_source_list: {unknown or source['file_list']}")
    if not isinstance(source["file_list"], list) or not source["account"].keys() & {"id", "alias"}:
        raise Undocumented("file_source_list: file_list is no list, or there is no account")
    if not all(isinstance(hosts, list) for hosts in source["server"].values()):
        raise Undocumented("file_source_list: hosts are no list")


def _targets(params: Record) -> list[Record]:
    server = params.get("target_server", {})
    by_id = [{"bk_host_id": number, "bk_cloud_id": 0, "ip": "10.0.0.1"} for number in server.get("host_id_list", ())]
    if not by_id and not server.get("ip_list"):
        raise Refused(MISSING, "target_server is empty")
    return by_id or [{"bk_host_id": 1, **each} for each in server["ip_list"]]
