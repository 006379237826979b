"""A job system in a process of its own, to be killed: arguments are database address, data directory, secret key."""

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from adapters.job.service.app import build_app
from kernel.clock import SystemClock
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import OneKey
from tests.adapters.job.conftest import KnownHosts


async def main(database_url: str, data_dir: str, secret_key: str) -> None:
    settings = Settings(
        data_dir=Path(data_dir),
        secret_key=SecretStr(secret_key),
        public_url="http://127.0.0.1:1",
        log_level="ERROR",
        job_local_hosts=("own",),
        job_networks=("127.0.0.0/8",),
    )
    kernel = KernelServices(settings, Database(database_url), SecretBox(secret_key), SystemClock())
    system = build_app(kernel, OneKey(), KnownHosts())
    await system.start()
    print("started", flush=True)  # noqa: T201  what the test waits for
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
