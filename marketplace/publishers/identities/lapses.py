"""Marks that rest on a token grow old: without another one of its identity they are taken, and the owner is told."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.people_notices import PeopleNotices
from kernel.db.database import Database
from marketplace.publishers.identities.models import PublisherIdentityRow
from marketplace.publishers.identities.repository import find_lapsed
from marketplace.publishers.identities.service import IdentityService
from marketplace.publishers.repository import find_publisher


@dataclass(frozen=True, slots=True)
class IdentityLapses:
    """Args:
    life: how long a token proves who a publisher is; nothing stands for ever.
    notices: tells owners.
    """

    database: Database
    identities: IdentityService
    life: timedelta
    notices: PeopleNotices
    clock: Clock

    async def run(self) -> bool:
        """Takes the oldest proof that has lapsed; answers whether there was one."""
        if not self.life:
            return False
        before = self.clock.now() - self.life
        async with self.database.reading() as session:
            due = await find_lapsed(session, before)
        if due is None:
            return False
        async with self.database.unit_of_work() as session:
            row = await self.identities.lapse(session, due.id, before)
            if row is not None:
                await self._tell(session, row)
        return True

    async def _tell(self, session: AsyncSession, row: PublisherIdentityRow) -> None:
        publisher = await find_publisher(session, row.publisher)
        if publisher is None:
            return
        name, whose = publisher.name, f"{row.proven_subject} ({row.issuer})"
        lines = [
            f"No token of {whose} has come for {self.life.days} days: it proves no more who publisher {name} is.",
            f"Unless something else does, plugins of {name} have lost the verified mark, and policies may deny them.",
            "The next token that a pipeline publishes by brings it back.",
            "",
            f"{self.life.days} 天内未收到 {whose} 的令牌，它不再证明发布者 {name} 的身份。",
            f"若无其他证明，{name} 的插件已失去认证标记，要求认证的策略将拒绝它们。流水线下次凭令牌发布时即恢复。",
        ]
        title = f"The proof of {name}'s identity has lapsed · {name} 的身份证明已过期"
        await self.notices.tell(session, publisher.owner, title, "\n".join(lines), self.clock.now())
