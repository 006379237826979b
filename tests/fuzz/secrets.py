"""What must stand in no log line, no error and no audit record of a server under test."""

import json
import re
import sqlite3
from typing import Any

from tests.support.stand import Stand

CANARY = "canary-5ecret-9f31c7"
"""Sent wherever a request asks for a secret."""

_SECRET_NAMES = re.compile(r"(password|secret|private_key|api_key|token|client_key|credential)s?$", re.IGNORECASE)
_SHORTEST = 12


def with_canaries(value: Any) -> Any:
    """The same JSON with the canary for every text whose name says that it is secret."""
    if isinstance(value, dict):
        return {
            name: CANARY if isinstance(item, str) and _SECRET_NAMES.search(name) else with_canaries(item)
            for name, item in value.items()
        }
    return [with_canaries(item) for item in value] if isinstance(value, list) else value


def secrets_in(value: Any) -> set[str]:
    """The secrets an answer gave out, which it may, once."""
    if isinstance(value, list):
        return set().union(*map(secrets_in, value))
    if not isinstance(value, dict):
        return set()
    found = {
        item
        for name, item in value.items()
        if isinstance(item, str) and len(item) >= _SHORTEST and _SECRET_NAMES.search(name)
    }
    return found.union(*map(secrets_in, value.values()))


def secrets_of(stand: Stand) -> set[str]:
    """Those the server and its first app were set up with."""
    written = (stand.server.data_dir / "secrets.env").read_text().splitlines()
    own = {line.partition("=")[2].strip("\"' ") for line in written if "=" in line and not line.startswith("#")}
    own.add((stand.server.data_dir / "cli-token").read_text().strip())
    return {secret for secret in own if len(secret) >= _SHORTEST} | {stand.app_secret, stand.token, CANARY}


def leaks(stand: Stand, secrets: set[str]) -> list[str]:
    """Lines of the server's log and audit records that hold one of them."""
    places = stand.server.log.read_text(errors="replace").splitlines()
    connection = sqlite3.connect(f"file:{stand.server.data_dir / 'trunkline.db'}?mode=ro", uri=True)
    try:
        places += [
            json.dumps(row) for row in connection.execute("SELECT action, before, after FROM kernel_audit_record")
        ]
    finally:
        connection.close()
    return [place[:500] for place in places if any(secret in place for secret in secrets)]
