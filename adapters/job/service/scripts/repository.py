"""Reads and writes the library of scripts."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.job.service.errors import Missing
from adapters.job.service.scripts.models import JobScript, JobScriptVersion, VersionStatus


class ScriptRepository:
    async def script(
        self, session: AsyncSession, scope: tuple[str, str], script_id: str, *, for_change: bool = False
    ) -> JobScript:
        """Args:
            for_change: keeps it from others' changes, so that one version is online.

        Raises:
            Missing: there is none in this scope.
        """
        statement = select(JobScript).where(
            col(JobScript.bk_scope_type) == scope[0],
            col(JobScript.bk_scope_id) == scope[1],
            col(JobScript.id) == script_id,
        )
        found = (await session.execute(statement.with_for_update() if for_change else statement)).scalar_one_or_none()
        if found is None:
            raise Missing(f"{' '.join(scope)} has no script {script_id}")
        return found

    async def id_of(self, session: AsyncSession, scope: tuple[str, str], name: str) -> str | None:
        statement = select(col(JobScript.id)).where(
            col(JobScript.bk_scope_type) == scope[0],
            col(JobScript.bk_scope_id) == scope[1],
            col(JobScript.name) == name,
        )
        return (await session.execute(statement)).scalar_one_or_none()

    async def version(
        self, session: AsyncSession, scope: tuple[str, str], version_id: int
    ) -> tuple[JobScript, JobScriptVersion]:
        """Raises:
        Missing: there is none in this scope.
        """
        statement = (
            select(JobScript, JobScriptVersion)
            .join(JobScriptVersion, col(JobScriptVersion.script_id) == col(JobScript.id))
            .where(
                col(JobScript.bk_scope_type) == scope[0],
                col(JobScript.bk_scope_id) == scope[1],
                col(JobScriptVersion.id) == version_id,
            )
        )
        found = (await session.execute(statement)).one_or_none()
        if found is None:
            raise Missing(f"{' '.join(scope)} has no script version {version_id}")
        return found[0], found[1]

    async def is_taken(self, session: AsyncSession, scope: tuple[str, str], name: str) -> bool:
        statement = select(col(JobScript.id)).where(
            col(JobScript.bk_scope_type) == scope[0],
            col(JobScript.bk_scope_id) == scope[1],
            col(JobScript.name) == name,
        )
        return (await session.execute(statement)).first() is not None

    async def has_version(self, session: AsyncSession, script_id: str, version: str) -> bool:
        statement = select(col(JobScriptVersion.id)).where(
            col(JobScriptVersion.script_id) == script_id, col(JobScriptVersion.version) == version
        )
        return (await session.execute(statement)).first() is not None

    async def online(self, session: AsyncSession, script_ids: Sequence[str]) -> dict[str, int]:
        """The ids of the versions that are online, by script."""
        statement = select(col(JobScriptVersion.script_id), col(JobScriptVersion.id)).where(
            col(JobScriptVersion.script_id).in_(script_ids), col(JobScriptVersion.status) == VersionStatus.ONLINE
        )
        return {row[0]: row[1] for row in (await session.execute(statement)).all()}

    async def take_offline(self, session: AsyncSession, script_id: str) -> None:
        await session.execute(
            update(JobScriptVersion)
            .where(col(JobScriptVersion.script_id) == script_id, col(JobScriptVersion.status) == VersionStatus.ONLINE)
            .values(status=VersionStatus.OFFLINE)
        )

    async def scripts(
        self, session: AsyncSession, scope: tuple[str, str], name: str | None, start: int, length: int
    ) -> tuple[int, Sequence[JobScript]]:
        where = [col(JobScript.bk_scope_type) == scope[0], col(JobScript.bk_scope_id) == scope[1]]
        if name:
            where.append(col(JobScript.name).contains(name, autoescape=True))
        total = (await session.execute(select(func.count()).select_from(JobScript).where(*where))).scalar_one()
        page = select(JobScript).where(*where).order_by(col(JobScript.name)).offset(start).limit(length)
        return total, (await session.execute(page)).scalars().all()

    async def versions(
        self, session: AsyncSession, script_id: str, start: int, length: int
    ) -> tuple[int, Sequence[JobScriptVersion]]:
        where = col(JobScriptVersion.script_id) == script_id
        total = (await session.execute(select(func.count()).select_from(JobScriptVersion).where(where))).scalar_one()
        page = select(JobScriptVersion).where(where).order_by(col(JobScriptVersion.id).desc())
        return total, (await session.execute(page.offset(start).limit(length))).scalars().all()
