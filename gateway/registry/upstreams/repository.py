from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.registry.models import Stage
from gateway.registry.upstreams.models import StageUpstream
from gateway.snapshot.model.upstreams import DEFAULT


async def configured_upstreams(session: AsyncSession, system: str, stage: str) -> list[StageUpstream]:
    rows = await session.execute(
        select(StageUpstream)
        .where(col(StageUpstream.system) == system, col(StageUpstream.stage) == stage)
        .order_by(col(StageUpstream.name))
    )
    return list(rows.scalars())


async def configured_upstream(session: AsyncSession, system: str, stage: str, name: str) -> StageUpstream | None:
    rows = await session.execute(
        select(StageUpstream).where(
            col(StageUpstream.system) == system, col(StageUpstream.stage) == stage, col(StageUpstream.name) == name
        )
    )
    return rows.scalar_one_or_none()


async def upstreams_with(session: AsyncSession, system: str, secret_name: str) -> list[StageUpstream]:
    """Those of the system's stages that use a named secret."""
    rows = await session.execute(select(StageUpstream).where(col(StageUpstream.system) == system))
    return [upstream for upstream in rows.scalars() if upstream.secret_name == secret_name]


async def upstreams_of(session: AsyncSession, stage: Stage) -> list[StageUpstream]:
    """Those that are configured, and the default one that a stage has by its address alone, if it has one."""
    found = await configured_upstreams(session, stage.system, stage.name)
    if stage.upstream_url and not any(upstream.name == DEFAULT for upstream in found):
        found.insert(0, default_upstream(stage))
    return found


def default_upstream(stage: Stage) -> StageUpstream:
    """Not kept: what the stage's own address and timeouts say."""
    settings: dict[str, Any] = {
        "targets": [{"url": stage.upstream_url, "weight": 1}],
        "connect_timeout": stage.connect_timeout,
        "timeout": stage.timeout,
    }
    return StageUpstream(
        system=stage.system, stage=stage.name, name=DEFAULT, settings=settings, updated_at=stage.updated_at
    )


def upstream_document(upstream: StageUpstream, sealed_key: str | None) -> dict[str, Any]:
    """As the system's shard has it; the key stays sealed."""
    if sealed_key is None:
        return upstream.settings
    return {**upstream.settings, "tls": {**upstream.settings["tls"], "key": sealed_key}}
