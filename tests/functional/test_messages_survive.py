"""A message that the notification system took is delivered, although the server is killed before it could be."""

import signal
import sqlite3
from pathlib import Path

import httpx

from tests.support.forking import Nursery
from tests.support.patience import eventually
from tests.support.server import ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, fetch_token, import_system
from trunkline.demo.mailbox import Mailbox

SENT = 'trunkline_notify_deliveries_total{msg_type="mail",state="sent"} 1.0'


def test_a_message_that_was_acknowledged_arrives_once_after_a_kill(
    tmp_path: Path, nursery: Nursery, sqlite_template: Path
) -> None:
    mailbox = Mailbox(free_port())
    data = migrated(tmp_path / "data", sqlite_template)
    server = ServerProcess(data, free_port(), {"TRUNKLINE_SMTP_PORT": str(mailbox.port)}, nursery=nursery)
    server.start()
    api = server.admin()
    import_system(server, api, "notify")
    secret = api.post("/apps", {"app_code": "caller", "name": "Caller"})["app_secret"]
    approved_grant(api, "caller", "notify")
    token = fetch_token(server.url, "caller", secret)
    answer = httpx.post(
        f"{server.url}/api/notify/prod/send_mail",
        json={"receiver": "ada@ops.test", "title": "Disks", "content": "<p>91 %</p>"},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "run:1"},
    ).json()
    assert (answer["result"], answer["data"]["deliveries"][0]["state"]) == (True, "waiting"), answer
    server.kill()
    _end_the_pause(server.data_dir)
    mailbox.start()
    server.start()
    eventually(lambda: SENT in httpx.get(f"{server.url}/metrics").text)
    (mail,) = mailbox.messages
    assert str(mail["Message-ID"]).startswith(f"<{answer['data']['message_id']}@")
    api.close()
    assert server.stop() in {0, -signal.SIGTERM}
    mailbox.stop()


def _end_the_pause(data_dir: Path) -> None:
    """As if the time until the next attempt had gone by."""
    connection = sqlite3.connect(data_dir / "trunkline.db")
    connection.execute("UPDATE adapter_notify_delivery SET next_at = '2026-01-01 00:00:00.000000'")
    connection.commit()
    connection.close()
