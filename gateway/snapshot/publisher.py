"""Publishing configuration: in the unit of work of the change itself, so both commit or neither does."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.snapshot import repository
from gateway.snapshot.model.documents import OpenSecret
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.snapshot import compile_shard
from gateway.snapshot.watching import CHANNEL
from kernel.db.database import after_commit
from kernel.errors import Invalid

BuildDocument = Callable[[AsyncSession], Awaitable[Mapping[str, Any]]]


class SnapshotPublisher:
    """Puts the shards of a change where the loaders of all processes find them.

    A service that publishes calls `lock` before it reads what it changes: configuration changes then follow each
    other, none is built from a state that another is about to replace, and no two wait for each other.
    """

    def __init__(self, open_secret: OpenSecret) -> None:
        self._open_secret = open_secret
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Has `listener` called after each commit of this process that changed the configuration."""
        self._listeners.append(listener)

    async def lock(self, session: AsyncSession) -> None:
        await repository.lock_revision(session)

    async def publish(self, session: AsyncSession, build: BuildDocument) -> int:
        """Builds a shard's document from the state of this unit of work and publishes it.

        Returns:
            The revision at which the change will be live.

        Raises:
            Invalid: the document can't be served; nothing must be committed.
        """
        revision = await repository.next_revision(session)
        await session.flush()
        document = await build(session)
        try:
            shard = compile_shard(document, self._open_secret)
        except ShardError as error:
            raise Invalid(f"The configuration can't be served: {error}", code="unservable") from error
        await repository.put_shard(session, shard.key, revision, document)
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(select(func.pg_notify(CHANNEL, str(revision))))
        after_commit(session, self._notify)
        return revision

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()
