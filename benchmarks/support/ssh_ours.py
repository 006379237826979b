"""The job system in a process of its own: a script on many hosts over SSH, with what it cost.

`python -m benchmarks.support.ssh_ours PORT COUNT FOLDER SCRIPT` prints a line of JSON.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from pydantic import SecretStr

from adapters.cmdb.service.hosts import InventoryHosts
from adapters.job.service.app import build_app
from benchmarks.support.ssh_fleet import USER, address
from kernel.clock import SystemClock
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey
from trunkline.migrate import migrate

SCOPE = {"bk_scope_type": "biz", "bk_scope_id": "2"}
_KEY = "11" * 32
_LOOK_SECONDS = 0.2


async def run(port: int, count: int, folder: Path, script: str) -> dict[str, Any]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'jobs.db'}")
    await migrate(database)
    settings = Settings(data_dir=folder / "data", secret_key=SecretStr(_KEY), job_networks=("127.0.0.0/8",))
    kernel = KernelServices(settings, database, SecretBox(_KEY), SystemClock())
    gateway = Gateway(build_app(kernel, OneKey(), InventoryHosts()), kernel.clock)
    account = {"alias": "deploy", "account": USER, "port": port, "private_key": (folder / "client_key").read_text()}
    await gateway.data("create_account", {**SCOPE, **account})
    host_key = (folder / "host_key.pub").read_text()
    ips = [address(number) for number in range(count)]
    for ip in ips:
        await gateway.data("accept_host_key", {"ip": ip, "port": port, "public_key": host_key})
    await gateway.system.start()
    target = {"ip_list": [{"ip": ip} for ip in ips]}
    asked = {**SCOPE, "account_alias": "deploy", "script_text": script, "target_server": target}
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    executed = await gateway.data("fast_execute_script", asked)
    wanted = {**SCOPE, "job_instance_id": executed["job_instance_id"]}
    while not (status := await gateway.data("get_job_instance_status", wanted))["finished"]:  # noqa: ASYNC110  over HTTP
        await asyncio.sleep(_LOOK_SECONDS)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    if status["job_instance"]["status"] != 3:
        raise RuntimeError(status["job_instance"]["reason"])
    await gateway.system.stop()
    await database.close()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": cpu, "memory": after.ru_maxrss / 1024}


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))))
