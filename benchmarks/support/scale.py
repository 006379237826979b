"""A configuration of a size that is told, in a database, and changes to it as another process would publish them."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.support.secured import APP, AUDIENCE, COMPONENT, ISSUER, public_key_pem

_COMPONENTS_A_SYSTEM = 200
_EXPIRES = 4_102_444_800


@dataclass(frozen=True, slots=True)
class Size:
    components: int
    apps: int
    grants: int

    @property
    def systems(self) -> int:
        return max(1, self.components // _COMPONENTS_A_SYSTEM)


SMALL = Size(components=1, apps=1, grants=1)
LARGE = Size(components=20_000, apps=2_000, grants=1_000_000)


def fill(database: Path, size: Size, upstream: str) -> None:
    """The tables are there already, and empty."""
    with sqlite3.connect(database) as connection:
        rows = [(*row, number) for number, row in enumerate(_shards(size, upstream), start=1)]
        connection.executemany(
            "INSERT INTO gateway_snapshot_shard (key, kind, document, revision) VALUES (?, ?, ?, ?)", rows
        )
        connection.execute(
            "INSERT INTO gateway_snapshot_revision (id, value, lineage) VALUES (1, ?, 'bench')", (len(rows),)
        )


def publish(database: Path, *keys: str) -> int:
    """Publishes shards again, each under a new revision; the newest."""
    with sqlite3.connect(database, timeout=30) as connection:
        (revision,) = connection.execute("SELECT value FROM gateway_snapshot_revision").fetchone()
        for key in keys:
            revision += 1
            connection.execute("UPDATE gateway_snapshot_shard SET revision = ? WHERE key = ?", (revision, key))
        connection.execute("UPDATE gateway_snapshot_revision SET value = ?", (revision,))
    return int(revision)


def restore(database: Path) -> int:
    """As after a restored backup: everything is to be read anew. The newest revision."""
    with sqlite3.connect(database, timeout=30) as connection:
        connection.execute("UPDATE gateway_snapshot_revision SET lineage = lineage || '+', value = value + 1")
        (revision,) = connection.execute("SELECT value FROM gateway_snapshot_revision").fetchone()
    return int(revision)


def _shards(size: Size, upstream: str) -> Iterator[tuple[str, str, str]]:
    keys = {
        "kind": "keys", "issuer": ISSUER, "audience": AUDIENCE,
        "keys": [{"kid": "bench", "alg": "ES256", "public_key": public_key_pem()}],
    }  # fmt: skip
    yield "keys", "keys", json.dumps(keys)
    names = [_component(number) for number in range(size.components)]
    for number in range(size.systems):
        own = names[number * _COMPONENTS_A_SYSTEM : (number + 1) * _COMPONENTS_A_SYSTEM]
        document = _system(f"system{number}", [name for _, name in own], upstream)
        yield f"system:system{number}", "system", json.dumps(document)
    for number in range(size.apps):
        code = APP if number == 0 else f"app{number}"
        yield f"app:{code}", "app", json.dumps(_app(code, number, names, size.grants // size.apps))


def _component(number: int) -> tuple[str, str]:
    """Its system and its name; the first is the one that is called."""
    return f"system{number // _COMPONENTS_A_SYSTEM}", COMPONENT if number == 0 else f"component_{number}"


def _system(name: str, components: list[str], upstream: str) -> dict[str, Any]:
    stage = {
        "release": "1.0.0", "upstream": {"base_url": f"{upstream}/governed"},
        "signing": {"profile": "jwt", "key_id": name, "secret": "rsa"},
        "components": [
            {"name": each, "method": "POST", "path": f"/{each}", "scopes": ["cmdb:read"]} for each in components
        ],
    }  # fmt: skip
    return {"kind": "system", "name": name, "aliases": [], "stages": {"prod": stage}}


def _app(code: str, number: int, names: list[tuple[str, str]], grants: int) -> dict[str, Any]:
    granted = [names[(number * 7 + each) % len(names)] for each in range(grants)]
    return {
        "kind": "app", "app_code": code, "enabled": True, "secrets": [{"sha256": f"{number:064x}", "expires_at": None}],
        "grants": [
            {"system": system, "component": component, "expires_at": _EXPIRES + number} for system, component in granted
        ],
    }  # fmt: skip
