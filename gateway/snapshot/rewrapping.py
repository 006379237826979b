"""Putting the keys inside published configuration under the current root key."""

from typing import Any

from gateway.snapshot.repository import lock_revision, next_revision, put_shard, shards_page
from kernel.db.database import Database
from kernel.secrets import SecretBox, root_of

_BATCH = 100


async def rewrap_shards(database: Database, box: SecretBox) -> int:
    """Publishes anew what holds keys under another root key; answers how many shards that were.

    Each batch is a change of configuration like any other: processes take it up, and their copies on disk follow.

    Raises:
        SecretUnreadable: a root key that is needed is not configured. What was published until then stays.
    """
    last, changed = "", 0
    while True:
        async with database.unit_of_work() as session:
            await lock_revision(session)
            page = await shards_page(session, last, _BATCH)
            for key, document in page:
                anew = _rewrapped(document, box)
                if anew != document:
                    await put_shard(session, key, await next_revision(session), anew)
                    changed += 1
        if len(page) < _BATCH:
            return changed
        last = page[-1][0]


def _rewrapped(value: Any, box: SecretBox) -> Any:
    if isinstance(value, dict):
        return {name: _rewrapped(member, box) for name, member in value.items()}
    if isinstance(value, list):
        return [_rewrapped(item, box) for item in value]
    if isinstance(value, str) and root_of(value) is not None:
        return box.rewrap(value) or value
    return value
