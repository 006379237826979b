"""Which releases a stage has served, and the way back through them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.models import Release, Stage
from gateway.registry.stages.models import StageActivation
from gateway.registry.stages.repository import find_activation, newest_activation
from kernel.errors import Conflict
from kernel.principal import Principal

Kind = Literal["activated", "rolled_back", "promoted"]


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes what a stage serves, when, how, and what he says about it."""

    principal: Principal
    at: datetime
    kind: Kind
    comment: str = ""


async def serve_release(session: AsyncSession, stage: Stage, release: Release, change: Change) -> None:
    """Has the stage serve the release alone, and keeps what it served before to go back to."""
    newest = await newest_activation(session, stage.system, stage.name)
    number = newest.number if newest is not None else None
    _append(session, stage, _activation(stage, release.id, release.version, change, after=number, back_to=number))


async def go_back(session: AsyncSession, stage: Stage, change: Change) -> None:
    """Has the stage serve what it served before, alone.

    Raises:
        Conflict: there is nothing to go back to.
    """
    newest = await newest_activation(session, stage.system, stage.name)
    target = None
    if newest is not None and newest.back_to is not None:
        target = await find_activation(session, stage.system, stage.name, newest.back_to)
    if newest is None or target is None:
        raise Conflict(
            f"Stage {stage.name} of {stage.system} has served nothing before {stage.release}", code="nothing_before"
        )
    back = _activation(stage, target.release_id, target.release, change, after=newest.number, back_to=target.back_to)
    _append(session, stage, back)


def end_canary(stage: Stage) -> None:
    stage.canary_release_id = stage.canary = None


def _activation(
    stage: Stage, release_id: str, release: str, change: Change, *, after: int | None, back_to: int | None
) -> StageActivation:
    return StageActivation(
        system=stage.system,
        stage=stage.name,
        number=(after or 0) + 1,
        release_id=release_id,
        release=release,
        kind=change.kind,
        back_to=back_to,
        comment=change.comment,
        activated_by=change.principal.id,
        activated_at=change.at,
    )


def _append(session: AsyncSession, stage: Stage, activation: StageActivation) -> None:
    stage.release_id, stage.release = activation.release_id, activation.release
    stage.updated_at = activation.activated_at
    end_canary(stage)
    session.add(activation)
