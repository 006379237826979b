"""A system as a document: written out, planned, and made so."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.policies.kinds.policy import Level
from gateway.registry.drafts.filling import fill_draft
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.manifest.changes import PlannedChange, component_changes, member_changes, policy_changes
from gateway.registry.manifest.documents import document_of, state_of
from gateway.registry.manifest.policies import put_policies
from gateway.registry.manifest.reading import read_state
from gateway.registry.manifest.releases import ReleaseApplier
from gateway.registry.manifest.schemas import SystemManifest
from gateway.registry.manifest.stages import StageApplier
from gateway.registry.manifest.state import SystemState
from gateway.registry.releases.service import ReleaseService
from gateway.registry.repository import PROD, current_key, find_system
from gateway.registry.signing.keyring import KeyMaterial, SystemKeyring, make_key
from gateway.registry.signing.profiles import KEYED
from gateway.registry.signing.schemas import ClientCredentialsSigning
from gateway.registry.signing.service import SigningService
from gateway.registry.system_registration import PreparedSystem, SystemOrder, SystemRegistration
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.checks import check_tls, checked_targets
from gateway.registry.upstreams.client_keys import NamedClientKeys
from gateway.snapshot.model.upstreams import DEFAULT
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Invalid
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Applied:
    """Attributes:
    revision: at which it is live; for a plan, the present one.
    """

    changes: Sequence[PlannedChange]
    revision: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Attributes:
    keys: new ones, by the signing profiles for which the system has none.
    """

    system: PreparedSystem
    keys: Mapping[str, KeyMaterial]


class ManifestService:
    def __init__(
        self,
        systems: ManagedSystems,
        registration: SystemRegistration,
        releases: ReleaseService,
        signing: SigningService,
        named_keys: NamedClientKeys,
        keyring: SystemKeyring,
        addresses: UpstreamPolicy,
        clock: Clock,
    ) -> None:
        self._systems = systems
        self._registration = registration
        self._releases = ReleaseApplier(releases, clock)
        self._addresses = addresses
        self._clock = clock
        self._stages = StageApplier(signing, named_keys, keyring, clock)

    async def export(self, session: AsyncSession, principal: Principal, name: str) -> dict[str, Any]:
        """For those who manage it; no secret is in it. Raises NotFound, PermissionDenied."""
        return document_of(await read_state(session, await self._systems.managed(session, principal, name)))

    async def plan(self, database: Database, principal: Principal, manifest: SystemManifest) -> Applied:
        """What `apply` would change: it is done and not kept, so whatever would refuse it refuses this."""
        prepared = await self._prepare(database, principal, manifest)
        async with database.reading() as session:
            return await self._apply(session, principal, manifest, prepared)

    async def apply(self, database: Database, principal: Principal, manifest: SystemManifest) -> Applied:
        """Makes the system what the document says, all of it or nothing.

        Opens its own unit of work: addresses are resolved and keys made before it, and no transaction waits for that.

        Raises:
            PermissionDenied: new systems are registrars' to make, others their owners' to change.
            Invalid: naming each wrong place by its path in the document.
            Conflict: a name is taken, or a release is another here.
        """
        prepared = await self._prepare(database, principal, manifest)
        async with database.unit_of_work() as session:
            return await self._apply(session, principal, manifest, prepared)

    async def _prepare(self, database: Database, principal: Principal, manifest: SystemManifest) -> _Prepared:
        async with database.reading() as session:
            await self._registration.require(session, principal, manifest.name)
        url = _first_url(manifest)
        await self._check_upstreams(manifest)
        order = SystemOrder(
            name=manifest.name,
            upstream_url=url,
            aliases=manifest.aliases,
            signing="none",
            owner=manifest.owner,
            title=manifest.title or manifest.name,
            description=manifest.description,
            forwards=url is not None,
        )
        system = await self._registration.prepare(database, principal, order)
        return _Prepared(system, await self._missing_keys(database, manifest))

    async def _check_upstreams(self, manifest: SystemManifest) -> None:
        for stage in manifest.stages:
            if isinstance(stage.signing, ClientCredentialsSigning):
                await self._addresses.check(stage.signing.token_url, f"stages.{stage.name}.signing.token_url")
            for name, upstream in stage.upstreams.items():
                at = f"stages.{stage.name}.upstreams.{name}."
                targets = await checked_targets(self._addresses, upstream.model_dump()["targets"], at)
                for target, checked in zip(upstream.targets, targets, strict=True):
                    target.url = checked["url"]
                if upstream.tls is not None:  # a certificate is the one that is kept, or is refused later
                    await check_tls(targets, upstream.tls.authority, "", b"", at)

    async def _missing_keys(self, database: Database, manifest: SystemManifest) -> dict[str, KeyMaterial]:
        keys: dict[str, KeyMaterial] = {}
        for profile in {stage.signing.profile for stage in manifest.stages} & set(KEYED):
            async with database.reading() as session:
                known = await current_key(session, manifest.name, profile)
            material = await make_key(profile) if known is None else None
            if material is not None:
                keys[profile] = material
        return keys

    async def _apply(
        self,
        session: AsyncSession,
        principal: Principal,
        manifest: SystemManifest,
        prepared: _Prepared,
    ) -> Applied:
        name = manifest.name
        await self._systems.wait_for_others(session)
        await self._registration.require(session, principal, name)
        system = await find_system(session, name)
        present = await read_state(session, system) if system is not None else None
        wanted = await asyncio.to_thread(state_of, manifest, present)
        changes = await self._put_system(session, principal, prepared.system, present, wanted)
        before = present.components if present is not None else ()
        changes += component_changes(before, wanted.components)
        await fill_draft(session, principal, name, wanted.components, self._clock.now())
        changes += await self._releases.put(session, principal, wanted)
        changes += await self._put_stages(session, principal, present, wanted, prepared.keys)
        if not changes:
            return Applied((), await self._systems.revision(session, name))
        return Applied(changes, await self._systems.publish(session, name))

    async def _put_system(
        self,
        session: AsyncSession,
        principal: Principal,
        prepared: PreparedSystem,
        present: SystemState | None,
        wanted: SystemState,
    ) -> list[PlannedChange]:
        await self._registration.put_system(session, principal, prepared)
        names = ("title", "description", "aliases") + (("owner",) if wanted.owner is not None else ())
        before = {name: getattr(present, name) for name in names} if present is not None else {}
        details = member_changes(before, {name: getattr(wanted, name) for name in names})
        standing = present.policies if present is not None else ()
        policies = policy_changes(standing, wanted.policies)
        if policies:
            now = self._clock.now()
            await put_policies(session, principal, Level.SYSTEM, wanted.name, wanted.policies, now)
            record(
                session,
                principal,
                "policies.changed",
                "system",
                wanted.name,
                before={"level": "system", "place": wanted.name, "policies": list(standing)},
                after={"level": "system", "place": wanted.name, "policies": list(wanted.policies)},
            )
        if present is None:
            return [PlannedChange("create", "system", wanted.name, policies)]
        return [PlannedChange("change", "system", wanted.name, details + policies)] if details or policies else []

    async def _put_stages(
        self,
        session: AsyncSession,
        principal: Principal,
        present: SystemState | None,
        wanted: SystemState,
        keys: Mapping[str, KeyMaterial],
    ) -> list[PlannedChange]:
        before = present.stages if present is not None else {}
        changes: list[PlannedChange] = []
        for name, stage in wanted.stages.items():
            changed = await self._stages.put(session, principal, wanted.name, before.get(name), stage, keys)
            changes += [changed] if changed is not None else []
        for name in before.keys() - wanted.stages.keys():
            changes.append(await self._stages.remove(session, principal, wanted.name, name))
        return changes


def _first_url(manifest: SystemManifest) -> str | None:
    """Where stage `prod` forwards to: a system has that stage from the beginning, and each stage that upstream, unless
    it has none at all.
    """
    for stage in manifest.stages:
        if stage.upstreams and DEFAULT not in stage.upstreams:
            raise Invalid.field(
                f"stages.{stage.name}.upstreams", f"{DEFAULT} is missing", "Every stage has it, or none"
            )
    for stage in manifest.stages:
        if stage.name == PROD:
            return stage.upstreams[DEFAULT].targets[0].url if stage.upstreams else None
    raise Invalid.field("stages", f"{PROD} is missing", "Every system has that stage")
