"""Shards compiled from what the database holds, in a thread, beside an event loop that serves calls."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from gateway.snapshot.model.documents import OpenSecret
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.snapshot import Shard, compile_shard
from gateway.snapshot.repository import StoredShard
from kernel.secrets import SecretUnreadable

_log = structlog.get_logger()
_STEP_ASIDE_SECONDS = 0.0005


@dataclass(slots=True)
class Compiled:
    """``revisions`` of all that was read, ``bad`` of what doesn't compile, both by key."""

    shards: list[Shard] = field(default_factory=list)
    revisions: dict[str, int] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)


def compile_page(rows: Sequence[StoredShard], open_secret: OpenSecret) -> Compiled:
    """Logs what doesn't compile and leaves it out."""
    compiled = Compiled()
    for row in rows:
        compiled.revisions[row.key] = row.revision
        try:
            compiled.shards.append(compile_shard(json.loads(row.source), open_secret))
        except (ShardError, SecretUnreadable) as error:
            compiled.bad[row.key] = row.revision
            _log.error("snapshot_shard_refused", shard=row.key, revision=row.revision, reason=str(error))
        if len(rows) > 1:
            time.sleep(_STEP_ASIDE_SECONDS)  # a thread that only computes would hold the loop for its whole share
    return compiled


def let_go(shards: list[Shard]) -> None:
    """Frees shards nobody needs any more one by one; all at once, that would hold the loop."""
    while shards:
        shards.pop()
        time.sleep(_STEP_ASIDE_SECONDS)
