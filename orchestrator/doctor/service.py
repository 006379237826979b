"""The examination as administrators ask for it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.principal import Principal
from orchestrator.doctor.examining import Examiner
from orchestrator.doctor.findings import Finding, Report
from orchestrator.doctor.mending import Mender


class DoctorService:
    """By `platform.administer`: it tells of every project."""

    def __init__(self, authorizer: Authorizer, examiner: Examiner, mender: Mender) -> None:
        self._authorizer = authorizer
        self._examiner = examiner
        self._mender = mender

    async def examine(self, session: AsyncSession, principal: Principal) -> Report:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return await self._examiner.examine()

    async def mend(self, session: AsyncSession, principal: Principal, told: Sequence[Finding]) -> list[Finding]:
        """Mends those of the findings that are still so; answers which."""
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        return await self._mender.mend(session, principal, told)
