"""A whole configuration at one revision, and the holder that swaps it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gateway.snapshot.model.apps import AppShard
from gateway.snapshot.model.documents import OpenSecret, need
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.keys import KeysShard, RevocationsShard
from gateway.snapshot.model.systems import SystemShard

Shard = SystemShard | AppShard | KeysShard | RevocationsShard

NO_KEYS = KeysShard.from_document({"kind": "keys", "issuer": "", "audience": ""})
NO_REVOCATIONS = RevocationsShard.from_document({"kind": "revocations"})


def compile_shard(document: Mapping[str, Any], open_secret: OpenSecret) -> Shard:
    """A shard from its document, by its ``kind``; raises ShardError naming the field that is wrong."""
    kind = need(document, "kind", str)
    if kind == "system":
        return SystemShard.from_document(document, open_secret)
    if kind == "app":
        return AppShard.from_document(document, open_secret)
    if kind == "keys":
        return KeysShard.from_document(document)
    if kind == "revocations":
        return RevocationsShard.from_document(document)
    raise ShardError(f"kind: {kind} is not a kind of shard")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """``systems`` is keyed by name and by alias; a name beats another system's alias.

    ``self_service`` are the systems found by method and path alone, by their names.
    """

    revision: int = 0
    systems: Mapping[str, SystemShard] = field(default_factory=dict)
    apps: Mapping[str, AppShard] = field(default_factory=dict)
    keys: KeysShard = NO_KEYS
    revocations: RevocationsShard = NO_REVOCATIONS
    self_service: tuple[SystemShard, ...] = ()

    def with_shards(self, revision: int, changed: Iterable[Shard], removed: Iterable[str] = ()) -> "Snapshot":
        """The next snapshot. Unchanged shards are shared. ``removed`` holds shard keys (``system:cmdb``, ``app:x``)."""
        gone = set(removed)
        systems = {shard.name: shard for shard in self.systems.values() if shard.key not in gone}
        apps = {code: shard for code, shard in self.apps.items() if shard.key not in gone} if gone else dict(self.apps)
        keys, revocations = self.keys, self.revocations
        for shard in changed:
            if isinstance(shard, SystemShard):
                systems[shard.name] = shard
            elif isinstance(shard, AppShard):
                apps[shard.app_code] = shard
            elif isinstance(shard, KeysShard):
                keys = shard
            else:
                revocations = shard
        self_service = sorted((shard for shard in systems.values() if shard.self_service), key=lambda shard: shard.name)
        return Snapshot(
            revision,
            MappingProxyType(_with_aliases(systems)),
            MappingProxyType(apps),
            keys,
            revocations,
            tuple(self_service),
        )

    def shards(self) -> Iterable[Shard]:
        """Every shard once; what a copy on disk holds."""
        yield from {shard.name: shard for shard in self.systems.values()}.values()
        yield from self.apps.values()
        yield self.keys
        yield self.revocations


def _with_aliases(systems: Mapping[str, SystemShard]) -> dict[str, SystemShard]:
    index = {alias: shard for shard in systems.values() for alias in shard.aliases}
    index.update(systems)
    return index


@dataclass(frozen=True, slots=True)
class Peers:
    """How many processes serve, and which of them, counted from 0, this is."""

    rank: int = 0
    processes: int = 1


class SnapshotHolder:
    """Where the data plane finds the snapshot of the moment; swapping is one assignment.

    ``peers`` are those who serve the same configuration, as far as this process knows.
    """

    __slots__ = ("current", "peers")

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.current = snapshot or Snapshot()
        self.peers = Peers()

    def swap(self, snapshot: Snapshot) -> None:
        self.current = snapshot
