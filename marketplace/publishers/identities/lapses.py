"""Marks that rest on a token grow old: without another one of its identity they are taken. The owner is told before,
and again when it has happened.
"""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.contracts.people_notices import PeopleNotices
from kernel.db.database import Database
from marketplace.publishers.identities.models import PublisherIdentityRow
from marketplace.publishers.identities.repository import find_lapsed, find_lapsing
from marketplace.publishers.identities.service import IdentityService
from marketplace.publishers.repository import find_publisher


@dataclass(frozen=True, slots=True)
class IdentityLapses:
    """Args:
    notices: tells owners.
    """

    database: Database
    identities: IdentityService
    notices: PeopleNotices
    clock: Clock

    async def run(self) -> bool:
        """Takes the oldest proof that has lapsed, or tells of the next that is about to; answers whether there was
        one.
        """
        if not self.identities.life.length:
            return False
        return await self._lapse() or await self._warn()

    async def _lapse(self) -> bool:
        before = self.clock.now() - self.identities.life.length
        async with self.database.reading() as session:
            due = await find_lapsed(session, before)
        if due is None:
            return False
        async with self.database.unit_of_work() as session:
            row = await self.identities.lapse(session, due.id, before)
            if row is not None:
                await self._tell_lapsed(session, row)
        return True

    async def _warn(self) -> bool:
        life = self.identities.life
        before = self.clock.now() - life.length + life.warning
        async with self.database.reading() as session:
            due = await find_lapsing(session, before)
        if due is None:
            return False
        async with self.database.unit_of_work() as session:
            row = await self.identities.warn(session, due.id, before)
            if row is not None:
                await self._tell_lapsing(session, row)
        return True

    async def _tell_lapsed(self, session: AsyncSession, row: PublisherIdentityRow) -> None:
        name, whose, days = row.publisher, _whose(row), self.identities.life.length.days
        lines = [
            f"No token of {whose} has come for {days} days: it proves no more who publisher {name} is.",
            f"Unless something else does, plugins of {name} have lost the verified mark, and policies may deny them.",
            "The next token that a pipeline publishes by brings it back.",
            "",
            f"{days} 天内未收到 {whose} 的令牌，它不再证明发布者 {name} 的身份。",
            f"若无其他证明，{name} 的插件已失去认证标记，要求认证的策略将拒绝它们。流水线下次凭令牌发布时即恢复。",
        ]
        title = f"The proof of {name}'s identity has lapsed · {name} 的身份证明已过期"
        await self._tell(session, name, title, lines)

    async def _tell_lapsing(self, session: AsyncSession, row: PublisherIdentityRow) -> None:
        name, whose, until = row.publisher, _whose(row), self.identities.life.until(row.last_used_at)
        day = f"{until:%Y-%m-%d}" if until is not None else ""
        lines = [
            f"No token of {whose} has come for a while. It proves who publisher {name} is until {day}.",
            f"Unless another comes before, plugins of {name} may lose the verified mark then, and policies deny them.",
            "",
            f"已有一段时间未收到 {whose} 的令牌，它对发布者 {name} 的身份证明将于 {day} 到期。",
            f"若届时既无新令牌也无其他证明，{name} 的插件将失去认证标记，要求认证的策略将拒绝它们。",
        ]
        title = f"The proof of {name}'s identity lapses on {day} · {name} 的身份证明将于 {day} 到期"
        await self._tell(session, name, title, lines)

    async def _tell(self, session: AsyncSession, publisher: str, title: str, lines: list[str]) -> None:
        found = await find_publisher(session, publisher)
        if found is not None:
            await self.notices.tell(session, found.owner, title, "\n".join(lines), self.clock.now())


def _whose(row: PublisherIdentityRow) -> str:
    return f"{row.proven_subject} ({row.issuer})"
