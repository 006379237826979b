"""Stands whose parts are killed."""

import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import redis

from tests.durability.stands import HeldMailbox, Stand, Strike, environment, furnished, postgres_rows, sqlite_rows
from tests.support.forking import Nursery
from tests.support.postgres import PostgresServer
from tests.support.redis import RedisServer
from tests.support.server import ServerProcess, free_port, migrated

WORKERS = 3


@pytest.fixture(scope="module")
def mailbox() -> Iterator[HeldMailbox]:
    made = HeldMailbox(free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def stand(
    tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path, mailbox: HeldMailbox
) -> Iterator[Stand]:
    """All parts in one process, on SQLite."""
    data = migrated(tmp_path_factory.mktemp("embedded") / "data", sqlite_template)
    port = free_port()
    server = ServerProcess(data, port, environment(mailbox, port), nursery=nursery)

    def strike() -> None:
        server.kill()
        server.start()

    server.start()
    try:
        with furnished(server, mailbox, sqlite_rows(data / "trunkline.db"), [Strike("server", strike)]) as made:
            yield made
    finally:
        server.kill()


@pytest.fixture(scope="module")
def spread(
    tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, mailbox: HeldMailbox, postgres_server: PostgresServer
) -> Iterator[Stand]:
    """A server that runs no tasks and three workers, on PostgreSQL and Redis."""
    data = tmp_path_factory.mktemp("spread") / "data"
    name = postgres_server.create_database()
    postgres_server.never_forget(name)
    carrier = RedisServer()
    carrier.launch()
    port = free_port()
    common = environment(
        mailbox,
        port,
        TRUNKLINE_DATABASE_URL=postgres_server.url(name),
        TRUNKLINE_REDIS_URL=carrier.url,
        TRUNKLINE_SECRET_KEY=secrets.token_hex(32),
    )
    server = ServerProcess(data, port, common, command=("serve", "--no-worker"), nursery=nursery)
    workers = [ServerProcess(data, free_port(), common, command=("worker",), nursery=nursery) for _ in range(WORKERS)]
    server.start()
    for worker in workers:
        worker.start()
    strikes = spread_strikes(server, workers, carrier, postgres_server)
    try:
        with furnished(server, mailbox, postgres_rows(postgres_server.url(name)), strikes) as made:
            yield made
    finally:
        for process in (*workers, server):
            if process.process is not None:
                process.kill()
        carrier.kill()
        postgres_server.drop_database(name)


def spread_strikes(
    server: ServerProcess, workers: list[ServerProcess], carrier: RedisServer, database: PostgresServer
) -> list[Strike]:
    def restart_server() -> None:
        server.kill()
        server.start()

    def restart_worker(worker: ServerProcess) -> None:
        worker.kill()
        worker.launch()

    def restart_carrier() -> None:
        carrier.kill()
        carrier.launch()

    def empty_carrier() -> None:
        with redis.Redis.from_url(carrier.url) as client:
            client.flushall()

    return [
        Strike("server", restart_server),
        *(Strike(f"worker {number}", partial(restart_worker, worker)) for number, worker in enumerate(workers)),
        Strike("Redis", restart_carrier),
        Strike("Redis emptied", empty_carrier),
        Strike("PostgreSQL", database.crash),
    ]
