"""The state of a system as the tables have it."""

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.policies.kinds.policy import Level
from gateway.policies.repository import policies_at, stage_place
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.filling import draft_of
from gateway.registry.manifest.state import Document, ReleaseState, StageState, SystemState
from gateway.registry.models import Stage, System
from gateway.registry.repository import components_of, releases_of, stages_of
from gateway.registry.signing.profiles import SECRET_FIELDS
from gateway.registry.signing.repository import find_signing
from gateway.registry.signing.schemas import SigningSettings
from gateway.registry.upstreams.repository import upstreams_of
from gateway.registry.upstreams.schemas import UpstreamSettings

SIGNING: TypeAdapter[SigningSettings] = TypeAdapter(SigningSettings)


async def read_state(session: AsyncSession, system: System) -> SystemState:
    """With those of its releases that a stage serves."""
    stages = await stages_of(session, [system.name])
    return SystemState(
        name=system.name,
        title=system.title,
        description=system.description,
        owner=system.owner,
        aliases=system.aliases,
        policies=await policies_at(session, Level.SYSTEM, system.name),
        components=await draft_of(session, system.name),
        releases=await _served_releases(session, stages),
        stages={stage.name: await _stage(session, stage) for stage in stages},
    )


async def _served_releases(session: AsyncSession, stages: list[Stage]) -> list[ReleaseState]:
    """Oldest first."""
    ids = {stage.release_id for stage in stages} | {stage.canary_release_id for stage in stages}
    found = await releases_of(session, [each for each in ids if each])
    return [
        ReleaseState(
            version=release.version,
            comment=release.comment,
            forced_because=release.forced_because,
            components=[ComponentDefinition.from_columns(row) for row in await components_of(session, release.id)],
        )
        for release in sorted(found.values(), key=lambda release: release.number)
    ]


async def _stage(session: AsyncSession, stage: Stage) -> StageState:
    canary = stage.canary
    return StageState(
        name=stage.name,
        release=stage.release or None,
        canary={name: canary[name] for name in ("release", "share", "apps")} if canary is not None else None,
        envelope=stage.envelope,
        validate_requests=stage.validate_requests,
        variables=stage.variables,
        signing=await _signing(session, stage),
        upstreams={
            upstream.name: upstream_document(UpstreamSettings.model_validate(upstream.settings))
            for upstream in await upstreams_of(session, stage)
        },
        policies=await policies_at(session, Level.STAGE, stage_place(stage.system, stage.name)),
    )


async def _signing(session: AsyncSession, stage: Stage) -> Document:
    row = await find_signing(session, stage.system, stage.name)
    parameters = row.parameters if row is not None and row.profile == stage.signing else {}
    return signing_document(SIGNING.validate_python({"profile": stage.signing, **parameters}))


def signing_document(settings: SigningSettings) -> Document:
    """Without what is usual and without secrets; equal documents are equal ways to sign."""
    return settings.model_dump(exclude_defaults=True, exclude=set(SECRET_FIELDS.values()))


def upstream_document(settings: UpstreamSettings) -> Document:
    """Without what is usual and without its private key; equal documents are equal upstreams."""
    return settings.model_dump(exclude_defaults=True, exclude={"tls": {"private_key"}}, mode="json")
