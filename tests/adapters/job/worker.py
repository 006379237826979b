"""A job system in a process of its own, to be killed."""

import asyncio
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import SecretStr

from adapters.job.service import runner
from adapters.job.service.app import build_app
from kernel.clock import SystemClock
from kernel.db.database import Database
from kernel.looks import when_changed
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import OneKey
from tests.adapters.job.conftest import KnownHosts


def work(database_url: str, data_dir: Path, secret_key: str, begun: Connection) -> None:
    """Until it is killed; says by `begun` that it has started."""
    asyncio.run(_work(database_url, data_dir, secret_key, begun))


async def _work(database_url: str, data_dir: Path, secret_key: str, begun: Connection) -> None:
    # What is asked for is made by another process, the test's own; for such this one looks only now and then.
    vars(runner).update(_SWEEP_SECONDS=0.1, when_changed=partial(when_changed, longest=0.1, still=0.1))
    settings = Settings(
        data_dir=data_dir,
        secret_key=SecretStr(secret_key),
        public_url="http://127.0.0.1:1",
        log_level="ERROR",
        job_local_hosts=("own",),
        job_networks=("127.0.0.0/8",),
    )
    kernel = KernelServices(settings, Database(database_url), SecretBox(secret_key), SystemClock())
    system = build_app(kernel, OneKey(), KnownHosts())
    await system.start()
    begun.send(None)
    await asyncio.Event().wait()
