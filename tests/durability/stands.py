"""What is killed, and what outlives it: the data, the scripts, the mailbox, the effects."""

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncpg
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.durability.many_effects import PLUGINS, definition
from tests.support.project import create_project, publish_flow, register_this_machine
from tests.support.server import Api, ServerProcess
from tests.support.stand import SYSTEMS, approved_grant, fetch_token, import_system
from trunkline.demo.mailbox import Mailbox

Rows = Callable[[str], list[tuple[Any, ...]]]
"""Answers a query from what is durable, whoever lives."""


class HeldMailbox(Mailbox):
    """Says nothing more once it has a mail's `receiver`, or the `mail`, while `hold_at` says so; `held` is set then."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.hold_at = ""
        self.held = threading.Event()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._hold("receiver", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  as above
        return await self._hold("mail", await super().handle_DATA(server, session, envelope))

    async def _hold(self, step: str, answer: str) -> str:
        while step == self.hold_at:
            self.held.set()
            await asyncio.sleep(0.01)
        return answer


@dataclass(frozen=True, slots=True)
class Strike:
    """One thing that may die, and is started again."""

    name: str
    act: Callable[[], None]


@dataclass(slots=True)
class Stand:
    """Attributes:
    effects: the file every script appends its line to.
    """

    server: ServerProcess
    api: Api
    mailbox: HeldMailbox
    effects: Path
    flow_id: str
    inputs: dict[str, Any]
    rows: Rows
    strikes: Sequence[Strike]
    """What may die, of which one does at a time."""

    def log(self) -> str:
        return self.server.log.read_text(encoding="utf-8")[-6000:]

    def launch(self, name: str) -> str:
        task: str = self.api.post(f"/flows/{self.flow_id}/tasks", {"name": name, "inputs": self.inputs})["id"]
        return task

    def task(self, task_id: str) -> Any:
        return self.api.get(f"/tasks/{task_id}")

    def effects_of(self, task_id: str) -> Counter[str]:
        lines = self.effects.read_text(encoding="utf-8").split("\n") if self.effects.exists() else []
        return Counter(line.split()[1] for line in lines if line.startswith(task_id))

    def mails_of(self, task_id: str) -> list[EmailMessage]:
        return [mail for mail in self.mailbox.messages if task_id in str(mail["Subject"])]


@contextmanager
def furnished(server: ServerProcess, mailbox: HeldMailbox, rows: Rows, strikes: Sequence[Strike]) -> Iterator[Stand]:
    """A running server's systems, plugins and flow, made through its management API as people would."""
    api = server.admin()
    for name in SYSTEMS:
        import_system(server, api, name)
    secret = api.post("/apps", {"app_code": "caller", "name": "Caller", "description": ""})["app_secret"]
    approved_grant(api, "caller", "cmdb")
    business, address = register_this_machine(server.url, fetch_token(server.url, "caller", secret))
    create_project(api, "operations", *PLUGINS)
    effects = server.data_dir.parent / "effects"
    flow = publish_flow(api, "operations", "Many effects", definition(effects))
    inputs = {"bk_biz_id": business, "host": address}
    yield Stand(server, api, mailbox, effects, flow, inputs, rows, strikes)
    api.close()


def environment(mailbox: HeldMailbox, server_port: int, **more: str) -> dict[str, str]:
    return {
        "TRUNKLINE_SMTP_HOST": "127.0.0.1",
        "TRUNKLINE_SMTP_PORT": str(mailbox.port),
        "TRUNKLINE_PUBLIC_URL": f"http://127.0.0.1:{server_port}",
        **more,
    }


def sqlite_rows(path: Path) -> Rows:
    def read(query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=15)) as connection:
            return connection.execute(query).fetchall()

    return read


def postgres_rows(url: str) -> Rows:
    async def fetch(query: str) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return lambda query: asyncio.run(fetch(query))
