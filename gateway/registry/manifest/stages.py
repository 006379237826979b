"""Making a stage what a document says of it; the caller holds the lock, and publishes."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.policies.kinds.policy import Level
from gateway.policies.repository import stage_place
from gateway.registry.managed_systems import existing_release, existing_stage
from gateway.registry.manifest.changes import PlannedChange, member_changes, named_changes, policy_changes
from gateway.registry.manifest.policies import put_policies
from gateway.registry.manifest.reading import SIGNING
from gateway.registry.manifest.state import Document, StageState
from gateway.registry.models import Stage
from gateway.registry.repository import find_stage
from gateway.registry.signing.keyring import KeyMaterial, SystemKeyring
from gateway.registry.signing.profiles import SECRET_FIELDS
from gateway.registry.signing.service import SigningOrder, SigningService
from gateway.registry.stages.history import Change, end_canary, serve_release
from gateway.registry.stages.repository import remove_stage
from gateway.registry.upstreams.client_keys import NamedClientKeys
from gateway.registry.upstreams.models import StageUpstream
from gateway.registry.upstreams.repository import configured_upstream, default_upstream
from gateway.registry.upstreams.schemas import UpstreamSettings
from gateway.snapshot.model.upstreams import DEFAULT
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.errors import Invalid
from kernel.principal import Principal


class StageApplier:
    def __init__(
        self, signing: SigningService, named_keys: NamedClientKeys, keyring: SystemKeyring, clock: Clock
    ) -> None:
        self._signing = signing
        self._named_keys = named_keys
        self._keyring = keyring
        self._clock = clock

    async def put(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        present: StageState | None,
        wanted: StageState,
        keys: Mapping[str, KeyMaterial],
    ) -> PlannedChange | None:
        """What changed, if anything did. Raises NotFound, Invalid."""
        details = _details(present, wanted)
        if present is not None and not details:
            return None
        stage = await find_stage(session, system, wanted.name)
        if stage is None:
            stage = Stage(system=system, name=wanted.name, release_id="", release="", upstream_url="", signing="none")
            session.add(stage)
        now = self._clock.now()
        tried = stage.canary
        for name, value in wanted.settings().items():
            setattr(stage, name, value)
        await self._put_signing(session, principal, stage, present, wanted, keys)
        await self._put_upstreams(session, stage, present, wanted)
        place = stage_place(system, wanted.name)
        await put_policies(session, principal, Level.STAGE, place, wanted.policies, now)
        if wanted.release is not None and wanted.release != (stage.release or None):
            release = await existing_release(session, system, wanted.release)
            await serve_release(session, stage, release, Change(principal, now, "activated", "applied"))
        await self._put_canary(session, principal, stage, tried, wanted.canary)
        stage.updated_at = now
        await session.flush()
        action = "stage.created" if present is None else "stage.changed"
        before = _recorded(present) if present is not None else None
        record(session, principal, action, "system", system, before=before, after=_recorded(wanted))
        return PlannedChange("create" if present is None else "change", "stage", wanted.name, details)

    async def remove(self, session: AsyncSession, principal: Principal, system: str, name: str) -> PlannedChange:
        stage = await existing_stage(session, system, name)
        await remove_stage(session, stage)
        before = {"stage": name, "release": stage.release}
        record(session, principal, "stage.removed", "system", system, before=before)
        return PlannedChange("remove", "stage", name)

    async def _put_signing(
        self,
        session: AsyncSession,
        principal: Principal,
        stage: Stage,
        present: StageState | None,
        wanted: StageState,
        keys: Mapping[str, KeyMaterial],
    ) -> None:
        if present is not None and present.signing == wanted.signing:
            return
        settings = SIGNING.validate_python(wanted.signing)
        await self._keyring.ensure(session, stage.system, settings.profile, keys.get(settings.profile))
        parameters = settings.model_dump(exclude={"profile", *SECRET_FIELDS.values()}, exclude_none=True)
        order = SigningOrder(stage.system, stage.name, settings.profile, parameters, None)
        try:
            await self._signing.store(session, principal, stage, order)
        except Invalid as error:
            raise Invalid.field(
                f"stages.{stage.name}.signing",
                f"{settings.profile} needs a secret, which no document holds",
                f"Set it by PUT /v1/systems/{stage.system}/stages/{stage.name}/signing, then apply",
            ) from error

    async def _put_upstreams(
        self, session: AsyncSession, stage: Stage, present: StageState | None, wanted: StageState
    ) -> None:
        before = present.upstreams if present is not None else {}
        for name, document in wanted.upstreams.items():
            if before.get(name) != document:
                await self._put_upstream(session, stage, name, document)
        for name in before.keys() - wanted.upstreams.keys():
            gone = await configured_upstream(session, stage.system, stage.name, name)
            if gone is not None:
                await session.delete(gone)
        if not wanted.upstreams:
            stage.upstream_url = ""

    async def _put_upstream(self, session: AsyncSession, stage: Stage, name: str, document: Document) -> None:
        settings = UpstreamSettings.model_validate(document).model_dump(exclude={"tls": {"private_key"}}, mode="json")
        row = await configured_upstream(session, stage.system, stage.name, name)
        kept = row.settings["tls"]["certificate"] if row is not None and row.sealed_key is not None else None
        tls = settings["tls"]
        has_own_key = tls is not None and tls["certificate"] != "" and tls["secret_name"] is None
        if tls is not None and tls["secret_name"] is not None:
            await self._named_keys.check(session, stage.system, settings, f"stages.{stage.name}.upstreams.{name}.")
        elif has_own_key and tls["certificate"] != kept:
            raise Invalid.field(
                f"stages.{stage.name}.upstreams.{name}.tls.certificate",
                "needs a private key, which no document holds",
                f"Set both by PUT /v1/systems/{stage.system}/stages/{stage.name}/upstreams/{name}, then apply",
            )
        if name == DEFAULT:
            stage.upstream_url = settings["targets"][0]["url"].rstrip("/")
            stage.connect_timeout, stage.timeout = settings["connect_timeout"], settings["timeout"]
            if row is None and _equal(default_upstream(stage).settings, settings):
                return
        if row is None:
            row = StageUpstream(system=stage.system, stage=stage.name, name=name, settings=settings)
            session.add(row)
        row.settings, row.updated_at = settings, self._clock.now()
        row.sealed_key = row.sealed_key if has_own_key else None

    async def _put_canary(
        self,
        session: AsyncSession,
        principal: Principal,
        stage: Stage,
        tried: Mapping[str, Any] | None,
        wanted: Document | None,
    ) -> None:
        """A trial of the same release goes on with the same callers."""
        if wanted is None:
            end_canary(stage)
            return
        release = await existing_release(session, stage.system, wanted["release"])
        trial: Mapping[str, Any] = {
            "salt": secrets.token_hex(8),
            "started_by": principal.id,
            "started_at": self._clock.now().isoformat(),
        }
        if tried is not None and tried["release"] == release.version:
            trial = tried
        stage.canary_release_id, stage.canary = release.id, {**trial, **wanted}


def _recorded(stage: StageState) -> dict[str, Any]:
    members = asdict(stage)
    return {"stage": members.pop("name"), **members}


def _equal(one: Document, other: Document) -> bool:
    first, second = (UpstreamSettings.model_validate(each) for each in (one, other))
    return first == second


def _details(present: StageState | None, wanted: StageState) -> Sequence[str]:
    if present is None:
        return [f"release {wanted.release}"] if wanted.release is not None else []
    names = ("release", "canary", "envelope", "validate_requests", "variables", "signing")
    lines = member_changes(
        {name: getattr(present, name) for name in names}, {name: getattr(wanted, name) for name in names}
    )
    lines += named_changes("upstream", present.upstreams, wanted.upstreams)
    return lines + policy_changes(present.policies, wanted.policies)
