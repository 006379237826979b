"""Reads and writes accounts and host keys."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.job.service.accounts.models import JobAccount, JobHostKey
from adapters.job.service.accounts.schemas import ListHostKeys
from adapters.job.service.errors import Missing


class AccountRepository:
    async def account(self, session: AsyncSession, scope_type: str, scope_id: str, account_id: int) -> JobAccount:
        """Raises:
        Missing: there is none in this scope.
        """
        statement = _in_scope(scope_type, scope_id).where(col(JobAccount.id) == account_id)
        found = (await session.execute(statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"{scope_type} {scope_id} has no account {account_id}")
        return found

    async def by_alias(self, session: AsyncSession, scope_type: str, scope_id: str, alias: str) -> JobAccount | None:
        statement = _in_scope(scope_type, scope_id).where(col(JobAccount.alias) == alias)
        return (await session.execute(statement)).scalar_one_or_none()

    async def by_id(self, session: AsyncSession, account_id: int) -> JobAccount | None:
        return (await session.execute(select(JobAccount).where(col(JobAccount.id) == account_id))).scalar_one_or_none()

    async def listed(
        self, session: AsyncSession, scope_type: str, scope_id: str, start: int, length: int
    ) -> tuple[int, Sequence[JobAccount]]:
        statement = _in_scope(scope_type, scope_id)
        total = (await session.execute(select(func.count()).select_from(statement.subquery()))).scalar_one()
        page = statement.order_by(col(JobAccount.id)).offset(start).limit(length)
        return total, (await session.execute(page)).scalars().all()

    async def jumping_over(self, session: AsyncSession, account_id: int) -> Sequence[str]:
        """Aliases of the accounts that reach their hosts by this one."""
        statement = select(col(JobAccount.alias)).where(col(JobAccount.jump_account_id) == account_id)
        return (await session.execute(statement)).scalars().all()


class HostKeyRepository:
    async def of_host(self, session: AsyncSession, cloud_id: int, ip: str, port: int) -> Sequence[JobHostKey]:
        """All keys known of a host, accepted or only seen."""
        statement = select(JobHostKey).where(
            col(JobHostKey.bk_cloud_id) == cloud_id, col(JobHostKey.ip) == ip, col(JobHostKey.port) == port
        )
        return (await session.execute(statement.order_by(col(JobHostKey.id)))).scalars().all()

    async def accepted(self, session: AsyncSession, places: Collection[tuple[int, str, int]]) -> Sequence[JobHostKey]:
        """The accepted keys of all hosts at these cloud areas, addresses and ports."""
        at = tuple_(col(JobHostKey.bk_cloud_id), col(JobHostKey.ip), col(JobHostKey.port)).in_(list(places))
        statement = select(JobHostKey).where(at, col(JobHostKey.accepted_by) != "").order_by(col(JobHostKey.id))
        return (await session.execute(statement)).scalars().all()

    async def forget_seen(self, session: AsyncSession, cloud_id: int, ip: str, port: int) -> None:
        """Drops the keys that nobody accepted: of those only the last one counts."""
        await session.execute(
            delete(JobHostKey).where(
                col(JobHostKey.bk_cloud_id) == cloud_id,
                col(JobHostKey.ip) == ip,
                col(JobHostKey.port) == port,
                col(JobHostKey.accepted_by) == "",
            )
        )

    async def key(self, session: AsyncSession, key_id: int) -> JobHostKey:
        """Raises:
        Missing: there is none.
        """
        found = (await session.execute(select(JobHostKey).where(col(JobHostKey.id) == key_id))).scalar_one_or_none()
        if found is None:
            raise Missing(f"There is no host key {key_id}")
        return found

    async def listed(self, session: AsyncSession, asked: ListHostKeys) -> tuple[int, Sequence[JobHostKey]]:
        where = []
        if asked.ip is not None:
            where.append(col(JobHostKey.ip) == asked.ip)
        if asked.accepted is not None:
            accepted = col(JobHostKey.accepted_by) != ""
            where.append(accepted if asked.accepted else ~accepted)
        total = (await session.execute(select(func.count()).select_from(JobHostKey).where(*where))).scalar_one()
        page = select(JobHostKey).where(*where).order_by(col(JobHostKey.id)).offset(asked.start).limit(asked.length)
        return total, (await session.execute(page)).scalars().all()


def _in_scope(scope_type: str, scope_id: str) -> Select[JobAccount]:
    return select(JobAccount).where(
        col(JobAccount.bk_scope_type) == scope_type, col(JobAccount.bk_scope_id) == scope_id
    )
