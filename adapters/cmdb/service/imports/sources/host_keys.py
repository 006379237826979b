"""By which key a sweep believes a host: one of `known_hosts`, or that of their first meeting where this is allowed."""

from collections.abc import Sequence
from typing import Final

import asyncssh
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.imports.sources.models import ImportSource, SweepHostKey
from adapters.cmdb.service.imports.sources.schemas import SweepSettings
from kernel.clock import Clock
from kernel.db.database import Database

_CHANGED: Final = (
    "shows another host key than before",
    "if the host was made anew, have its key forgotten by `forget_host_keys`",
)
_STRANGE: Final = (
    "shows a host key that nobody knows",
    "add it to `known_hosts`, or allow `accept_new_host_keys`",
)


class Meeting(asyncssh.SSHClient):
    """Attributes:
    trusted: keys the host may show. shown: what it showed, when it was none of them.
    """

    def __init__(self, trusted: Sequence[asyncssh.SSHKey], *, accepts_new: bool) -> None:
        self.trusted = trusted
        self.shown: asyncssh.SSHKey | None = None
        self._accepts_new = accepts_new

    @property
    def reason(self) -> str:
        return _CHANGED[0] if self.trusted else _STRANGE[0]

    @property
    def remedy(self) -> str:
        return _CHANGED[1] if self.trusted else _STRANGE[1]

    def validate_host_public_key(self, _host: str, _addr: str, _port: int, key: asyncssh.SSHKey) -> bool:
        """Asked of keys that are none of the trusted ones."""
        self.shown = key
        return self._accepts_new and not self.trusted


class HostKeys:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def meeting(self, source: ImportSource, settings: SweepSettings, address: str) -> Meeting:
        trusted = _listed(settings, address)
        if not trusted:
            async with self._database.reading() as session:
                known = await session.get(SweepHostKey, (source.id, address))
            trusted = [asyncssh.import_public_key(known.public_key)] if known is not None else []
        return Meeting(trusted, accepts_new=settings.accept_new_host_keys)

    async def met(self, source: ImportSource, address: str, meeting: Meeting) -> None:
        """Keeps the key of a first meeting; that of a source that isn't kept itself is not."""
        key = meeting.shown
        if key is None:
            return
        async with self._database.unit_of_work() as session:
            if await session.get(ImportSource, source.id) is None:
                return
            kept = SweepHostKey(
                source_id=source.id,
                address=address,
                public_key=key.export_public_key("openssh").decode().strip(),
                fingerprint=key.get_fingerprint(),
                met_at=self._clock.now(),
            )
            await session.merge(kept)

    async def forget(self, session: AsyncSession, source_id: str, addresses: Sequence[str]) -> None:
        mine = (col(SweepHostKey.source_id) == source_id, col(SweepHostKey.address).in_(addresses))
        await session.execute(delete(SweepHostKey).where(*mine))


def _listed(settings: SweepSettings, address: str) -> list[asyncssh.SSHKey]:
    if not settings.known_hosts:
        return []
    lines = asyncssh.import_known_hosts(settings.known_hosts)
    trusted, _, _, *_ = lines.match(address, address, settings.port)
    return list(trusted)
