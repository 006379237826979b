"""A server that is killed, and what outlives it: its data, its scripts, the mailbox, the effects."""

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.project import create_project, publish_flow, register_this_machine
from tests.support.server import Api, ServerProcess, free_port
from tests.support.stand import SYSTEMS, approved_grant, fetch_token, import_system
from trunkline.demo.mailbox import Mailbox

PLUGINS = (
    "cmdb/plugins/cmdb_find_host",
    "job/plugins/job_run_script",
    "job/plugins/job_run_script_callback",
    "notify/plugins/notify_send_mail",
)
SCRIPTS = ("first", "beside", "called_back", "last")
CHANGING = (*SCRIPTS, "tell")


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

    def launch(self, name: str) -> str:
        task: str = self.api.post(f"/flows/{self.flow_id}/tasks", {"name": name, "inputs": self.inputs})["id"]
        return task

    def restart(self) -> None:
        self.server.kill()
        self.server.start()

    def task(self, task_id: str) -> Any:
        return self.api.get(f"/tasks/{task_id}")

    def effects_of(self, task_id: str) -> Counter[str]:
        lines = self.effects.read_text(encoding="utf-8").split("\n") if self.effects.exists() else []
        return Counter(line.split()[1] for line in lines if line.startswith(task_id))

    def mails_of(self, task_id: str) -> list[EmailMessage]:
        return [mail for mail in self.mailbox.messages if task_id in str(mail["Subject"])]

    def rows(self, query: str, task_id: str) -> list[Any]:
        path = self.server.data_dir / "trunkline.db"
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return [row[0] for row in connection.execute(query, (f"{task_id}.%",))]
        finally:
            connection.close()


def _script(name: str, effects: Path, seconds: float) -> str:
    return f"sleep {seconds}; echo ${{task.id}} {name} >> {effects}; echo '<SOPS_VAR>said:{name}</SOPS_VAR>'"


def definition(effects: Path) -> dict[str, Any]:
    def run(name: str, plugin: str, seconds: float) -> dict[str, Any]:
        inputs = {
            "bk_biz_id": "${inputs.bk_biz_id}",
            "host_ip": "${nodes.find.outputs.ip}",
            "script": _script(name, effects, seconds),
        }
        return {"id": name, "kind": "plugin", "plugin": plugin, "version": "1.0.0", "inputs": inputs}

    find = {"bk_biz_id": "${inputs.bk_biz_id}", "host": "${inputs.host}"}
    said = "${nodes.called_back.outputs.values.said} ${nodes.last.outputs.values.said}"
    mail = {"to": "operators@example.com", "title": "Task ${task.id}", "content": said, "body_format": "Text"}
    nodes: list[dict[str, Any]] = [
        {"id": "start", "kind": "start"},
        {"id": "find", "kind": "plugin", "plugin": "cmdb_find_host", "version": "1.0.0", "inputs": find},
        {"id": "fork", "kind": "parallel"},
        run("first", "job_run_script", 0),
        run("beside", "job_run_script", 0.4),
        run("called_back", "job_run_script_callback", 0.2),
        {"id": "meet", "kind": "join"},
        run("last", "job_run_script_callback", 0.1),
        {"id": "tell", "kind": "plugin", "plugin": "notify_send_mail", "version": "1.1.0", "inputs": mail},
        {"id": "end", "kind": "end"},
    ]
    ways = "start>find find>fork fork>first fork>beside fork>called_back first>meet beside>meet called_back>meet"
    edges = [
        {"id": way, "source": way.split(">", maxsplit=1)[0], "target": way.split(">")[1]}
        for way in f"{ways} meet>last last>tell tell>end".split()
    ]
    properties = {"bk_biz_id": {"type": "integer"}, "host": {"type": "string"}}
    form = {"schema": {"type": "object", "properties": properties, "required": list(properties)}, "uischema": None}
    return {"nodes": nodes, "edges": edges, "form": {**form, "i18n": {}}, "outputs": {"said": said}}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    mailbox = HeldMailbox(free_port())
    mailbox.start()
    port = free_port()
    environment = {
        "TRUNKLINE_SMTP_HOST": "127.0.0.1",
        "TRUNKLINE_SMTP_PORT": str(mailbox.port),
        "TRUNKLINE_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    server = ServerProcess(tmp_path / "data", port, environment)
    server.start()
    try:
        api = server.admin()
        for name in SYSTEMS:
            import_system(server, api, name)
        secret = api.post("/apps", {"app_code": "caller", "name": "Caller", "description": ""})["app_secret"]
        approved_grant(api, "caller", "cmdb")
        business, address = register_this_machine(server.url, fetch_token(server.url, "caller", secret))
        create_project(api, "operations", *PLUGINS)
        effects = tmp_path / "effects"
        flow = publish_flow(api, "operations", "Many effects", definition(effects))
        yield Stand(server, api, mailbox, effects, flow, {"bk_biz_id": business, "host": address})
        api.close()
    finally:
        if server.process is not None:
            server.kill()
        mailbox.stop()
