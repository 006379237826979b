"""Looking at verified domains again, day by day: a mark whose record is gone is taken away, and its owner told."""

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.people_notices import PeopleNotices
from kernel.db.database import Database
from kernel.errors import Conflict, Unavailable
from kernel.principal import system_principal
from marketplace.publishers.models import PublisherRow
from marketplace.publishers.repository import claim_check, find_publisher
from marketplace.publishers.service import PublisherService, question_of

_log = structlog.get_logger()

EVERY: Final = timedelta(days=1)
_AFTER_A_FAILURE: Final = timedelta(hours=1)
_PRINCIPAL: Final = system_principal("publisher checks")


@dataclass(frozen=True, slots=True)
class DomainRechecks:
    """Args:
    notices: tells owners.
    """

    database: Database
    publishers: PublisherService
    notices: PeopleNotices
    clock: Clock

    async def run(self) -> bool:
        """Looks one domain up whose turn it is; answers whether there was one.

        Resolvers that are away take no mark: they are asked again an hour later.
        """
        now = self.clock.now()
        async with self.database.unit_of_work() as session:
            row = await claim_check(session, now - EVERY, now)
        if row is None:
            return False
        asked = question_of(row)
        try:
            found = await self.publishers.look_up(asked[0])
        except Unavailable as error:
            _log.warning("publisher_not_checked", publisher=row.name, reason=error.detail)
            await self._put_off(row.name)
            return True
        with contextlib.suppress(Conflict):  # another domain was claimed meanwhile, which starts without a mark
            async with self.database.unit_of_work() as session:
                after = await self.publishers.note_proof(session, _PRINCIPAL, row.name, asked, found)
                if after.verified_at is None:
                    await self._tell(session, after)
        return True

    async def _put_off(self, name: str) -> None:
        async with self.database.unit_of_work() as session:
            row = await find_publisher(session, name)
            if row is not None:
                row.checked_at = self.clock.now() - EVERY + _AFTER_A_FAILURE

    async def _tell(self, session: AsyncSession, row: PublisherRow) -> None:
        name, text = question_of(row)
        lines = [
            f"The TXT record {name} does not prove {row.domain} to be publisher {row.name}'s any more.",
            f"Plugins of {row.name} have lost the verified mark, and policies that ask for it deny them.",
            "",
            f"TXT 记录 {name} 不再证明 {row.domain} 属于发布者 {row.name}。",
            "其插件已失去认证标记，要求认证的策略将拒绝它们。",
            "",
            f"{name}  {text}",
        ]
        title = f"{row.name} is not verified any more · {row.name} 已失去认证"
        await self.notices.tell(session, row.owner, title, "\n".join(lines), self.clock.now())
