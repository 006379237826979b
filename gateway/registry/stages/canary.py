"""Trying a release on a stage: for named apps and a share of the callers, before everybody gets it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems, existing_release, existing_stage
from gateway.registry.models import Stage
from gateway.registry.stages.history import Change, end_canary, serve_release
from gateway.usage.repository import ReleaseUse, uses_by_release
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.principal import Principal

_SALT_BYTES = 8


class CanaryService:
    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def start(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        stage_name: str,
        version: str,
        share: int,
        apps: Sequence[str],
    ) -> int:
        """Tries a release beside the one the stage serves; answers the revision.

        Args:
            share: per cent of the callers.
            apps: those who are served by it whatever the share.

        Raises:
            NotFound: no such system, stage or release.
            Conflict: another release is on trial already.
            Invalid: the stage serves that release anyway.
        """
        await self._systems.lock(session, principal, system)
        stage = await existing_stage(session, system, stage_name)
        release = await existing_release(session, system, version)
        if stage.canary is not None:
            raise Conflict(
                f"Stage {stage_name} tries release {stage.canary['release']} already; promote or end that trial first",
                code="canary_exists",
            )
        if release.id == stage.release_id:
            raise Invalid.field("release", f"stage {stage_name} serves {version} already", "Name another release")
        now = self._clock.now()
        stage.canary_release_id = release.id
        stage.canary = {
            "release": version,
            "share": share,
            "apps": list(dict.fromkeys(apps)),
            "salt": secrets.token_hex(_SALT_BYTES),
            "started_by": principal.id,
            "started_at": now.isoformat(),
        }
        return await self._recorded(session, principal, stage, "canary.started", None)

    async def status(
        self, session: AsyncSession, principal: Principal, system: str, stage_name: str
    ) -> tuple[dict[str, Any], list[ReleaseUse]]:
        """The canary, and what each release answered on the stage since the day on which the trial began.

        Raises:
            NotFound: no such system or stage, or no release is on trial.
        """
        await self._systems.visible(session, principal, system)
        _, canary = await self._tried(session, system, stage_name)
        since = datetime.fromisoformat(canary["started_at"]).date()
        return canary, await uses_by_release(session, system, stage_name, since)

    async def change(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        stage_name: str,
        share: int | None,
        apps: Sequence[str] | None,
    ) -> int:
        """Another share, or other apps; `None` keeps what is. A larger share takes callers, it gives none back.

        Raises:
            NotFound: no such system or stage, or no release is on trial.
        """
        await self._systems.lock(session, principal, system)
        stage, canary = await self._tried(session, system, stage_name)
        changed = canary | ({"share": share} if share is not None else {})
        changed |= {"apps": list(dict.fromkeys(apps))} if apps is not None else {}
        if changed == canary:
            return await self._systems.revision(session, system)
        before = _described(stage)
        stage.canary = changed
        return await self._recorded(session, principal, stage, "canary.changed", before)

    async def promote(
        self, session: AsyncSession, principal: Principal, system: str, stage_name: str, comment: str = ""
    ) -> tuple[str, int]:
        """Everybody gets the release on trial; answers it and the revision.

        Raises:
            NotFound: no such system or stage, or no release is on trial.
        """
        await self._systems.lock(session, principal, system)
        stage, canary = await self._tried(session, system, stage_name)
        release = await existing_release(session, system, canary["release"])
        before = _described(stage)
        await serve_release(session, stage, release, Change(principal, self._clock.now(), "promoted", comment))
        return release.version, await self._recorded(session, principal, stage, "canary.promoted", before)

    async def end(self, session: AsyncSession, principal: Principal, system: str, stage_name: str) -> int:
        """Everybody gets the stage's own release again; answers the revision.

        Raises:
            NotFound: no such system or stage, or no release is on trial.
        """
        await self._systems.lock(session, principal, system)
        stage, _ = await self._tried(session, system, stage_name)
        before = _described(stage)
        end_canary(stage)
        return await self._recorded(session, principal, stage, "canary.ended", before)

    async def _tried(self, session: AsyncSession, system: str, stage_name: str) -> tuple[Stage, dict[str, Any]]:
        stage = await existing_stage(session, system, stage_name)
        if stage.canary is None:
            raise NotFound(f"Stage {stage_name} of {system} tries no release")
        return stage, stage.canary

    async def _recorded(
        self, session: AsyncSession, principal: Principal, stage: Stage, action: str, before: dict[str, Any] | None
    ) -> int:
        stage.updated_at = self._clock.now()
        record(session, principal, action, "system", stage.system, before=before, after=_described(stage))
        return await self._systems.publish(session, stage.system)


def _described(stage: Stage) -> dict[str, Any]:
    canary = stage.canary
    tried = {name: canary[name] for name in ("release", "share", "apps")} if canary is not None else None
    return {"stage": stage.name, "release": stage.release, "canary": tried}
