"""The inventory with 100,000 hosts, and a script on 1,000 hosts at once.

Searches with a nested filter, on SQLite and PostgreSQL: all hosts stand in one business. Each search asks for the count
and for one page of 50, as a page of the console does, signed and through the whole component; one caller that waits for
each answer.

A command over SSH on simulated hosts of loopback, by the job system and by `ansible` ad hoc.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import insert, text

from adapters.cmdb.service.app import build_app
from adapters.cmdb.service.models import Host, HostModule
from benchmarks.support.remote_commands import run_commands
from benchmarks.support.report import Options, append_line, parse_options, print_table
from kernel.clock import SystemClock
from kernel.db.database import Database
from kernel.secrets import SecretBox
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.gateway import Gateway, OneKey
from tests.support.postgres import PostgresServer
from trunkline.migrate import migrate

HOSTS = 100_000
_BATCH = 2_000
_PAGE = 50
_OS = ("1", "1", "1", "2", None)
_KEY = "11" * 32

Rule = dict[str, Any]


def searches(chance: random.Random) -> dict[str, Rule]:
    """A filter of each kind, of other values each time."""
    number = chance.randrange(HOSTS)
    one_of = [f"10.{part >> 16}.{part >> 8 & 255}.{part & 255}" for part in chance.sample(range(HOSTS), 20)]
    linux = {"field": "bk_os_type", "operator": "equal", "value": "1"}
    return {
        "by address": _all(linux, {"field": "bk_host_innerip", "operator": "in", "value": one_of}),
        "nested": _all(
            linux,
            {"field": "bk_mem", "operator": "greater_or_equal", "value": chance.choice((64, 128)) * 1024},
            _any(
                {"field": "bk_host_name", "operator": "begins_with", "value": f"web-{number % 100:02d}"},
                {"field": "bk_host_name", "operator": "contains", "value": f"-{number:05d}"},
                {"field": "rack", "operator": "in", "value": [f"R{number % 500}", f"R{(number + 7) % 500}"]},
            ),
        ),
        "nested, much found": _all(
            {"field": "bk_cpu", "operator": "not_equal", "value": 8},
            _any(linux, {"field": "bk_os_type", "operator": "is_null", "value": None}),
        ),
    }


def _all(*rules: Rule) -> Rule:
    return {"condition": "AND", "rules": list(rules)}


def _any(*rules: Rule) -> Rule:
    return {"condition": "OR", "rules": list(rules)}


async def fill(gateway: Gateway, database: Database) -> int:
    """The business of all hosts."""
    rack = {"bk_obj_id": "host", "bk_property_id": "rack", "bk_property_name": "Rack", "bk_property_type": "singlechar"}
    key = str((await gateway.data("create_object_attribute", rack))["id"])
    business: int = (await gateway.data("create_business", {"data": {"bk_biz_name": "all"}}))["bk_biz_id"]
    internal = (await gateway.get("get_biz_internal_module", {"bk_biz_id": business}))["data"]
    place = {
        "bk_biz_id": business,
        "bk_set_id": internal["bk_set_id"],
        "bk_module_id": internal["module"][0]["bk_module_id"],
    }
    for begin in range(1, HOSTS + 1, _BATCH):
        ids = range(begin, begin + _BATCH)
        async with database.unit_of_work() as session:
            await session.execute(insert(Host), [_host(number, business, key) for number in ids])
            await session.execute(insert(HostModule), [{"bk_host_id": number, **place} for number in ids])
    async with database.unit_of_work() as session:
        await session.execute(text("ANALYZE"))  # PostgreSQL does it by itself soon after
    return business


def _host(number: int, business: int, rack: str) -> dict[str, Any]:
    chance = random.Random(number)
    return {
        "bk_host_id": number,
        "bk_biz_id": business,
        "bk_host_innerip": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        "bk_host_name": f"{chance.choice(('web', 'db', 'mq'))}-{number % 100:02d}-{number:05d}",
        "bk_os_type": chance.choice(_OS),
        "bk_cpu": chance.choice((2, 4, 8, 16)),
        "bk_mem": chance.choice((4, 8, 16, 64, 128)) * 1024,
        "custom": {rack: f"R{number % 500}"},
    }


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    server = PostgresServer.start(durable=True)
    try:
        yield {
            "SQLite": f"sqlite+aiosqlite:///{folder / 'inventory.db'}",
            "PostgreSQL": server.url(server.create_database()),
        }
    finally:
        server.stop()


async def measure(url: str, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each search by its kind."""
    database = Database(url)
    await migrate(database)
    settings = Settings(data_dir=folder, secret_key=SecretStr(_KEY))
    kernel = KernelServices(settings, database, SecretBox(_KEY), SystemClock())
    gateway = Gateway(build_app(kernel, OneKey()), kernel.clock)
    business = await fill(gateway, database)
    chance = random.Random(1)
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, wanted in searches(chance).items():
            page = {"start": 0, "limit": _PAGE, "sort": "bk_host_id"}
            began = time.perf_counter()
            await gateway.data("list_biz_hosts", {"bk_biz_id": business, "page": page, "host_property_filter": wanted})
            taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    await database.close()
    return taken


def search_hosts(folder: Path, options: Options) -> None:
    rows = []
    with databases(folder) as urls:
        for name, url in urls.items():
            for kind, taken in asyncio.run(measure(url, folder, 20 if options.quick else 200)).items():
                p95 = statistics.quantiles(taken, n=20)[18]
                rows.append((name, kind, f"{statistics.median(taken):.1f}", f"{p95:.1f}"))
                append_line(
                    options.json_file, bench="adapters", case=f"{kind} on {name}", metric="95th percentile", unit="ms",
                    ours=p95, peers={},
                )  # fmt: skip
    print_table(("database", f"search among {HOSTS} hosts", "median ms", "95th percentile ms"), rows)


def main() -> None:
    options = parse_options(__doc__ or "")
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name:
        search_hosts(Path(name), options)
        run_commands(Path(name), options)


if __name__ == "__main__":
    main()
