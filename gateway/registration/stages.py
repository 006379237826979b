"""The stages of a registered gateway: variables, backends, plugins."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.policies.service import PolicyService
from gateway.registry.importers.blueking_definition import StageDefinition, read_definition
from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.models import Stage
from gateway.registry.repository import current_key, find_stage, stages_of
from gateway.registry.signing.keyring import SystemKeyring, make_key
from gateway.registry.signing.profiles import JWT
from gateway.registry.stages.service import MOST_STAGES
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.schemas import UpstreamSettings
from gateway.registry.upstreams.service import UpstreamOrder, UpstreamService
from gateway.snapshot.model.upstreams import DEFAULT
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal


class StageRegistration:
    def __init__(
        self,
        systems: ManagedSystems,
        keyring: SystemKeyring,
        upstreams: UpstreamService,
        policies: PolicyService,
        addresses: UpstreamPolicy,
        clock: Clock,
    ) -> None:
        self._systems = systems
        self._keyring = keyring
        self._upstreams = upstreams
        self._policies = policies
        self._addresses = addresses
        self._clock = clock

    async def sync(
        self, database: Database, principal: Principal, system: str, document: Mapping[str, Any]
    ) -> tuple[Stage, int]:
        """Makes the stage or changes it to what the document says; what that doesn't speak of stays.

        A new stage serves nothing before a version is released to it. All of the document is checked before anything
        is changed, then stage, plugins and each backend are committed one after the other; a repeat completes them.

        Raises:
            Invalid: naming each wrong place of the document, or a backend that must not be called.
            NotFound, PermissionDenied
        """
        async with database.reading() as session:
            await self._systems.managed(session, principal, system)
            has_key = await current_key(session, system, JWT) is not None
        wanted = _read(document)
        for name, upstream in wanted.upstreams.items():
            for place, target in enumerate(upstream["targets"]):
                await self._addresses.check(target["url"], f"backends.{name}.hosts.{place}.host")
        key = await make_key(JWT) if not has_key else None
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, system)
            await self._keyring.ensure(session, system, JWT, key)
            stage = await self._put(session, principal, system, wanted, document)
            if document.get("plugin_configs") is not None:
                documents = [dict(policy) for policy in wanted.policies]
                await self._policies.put_of_system(session, principal, system, wanted.name, documents, None)
            revision = await self._systems.publish(session, system)
        for name, upstream in wanted.upstreams.items():
            settings = UpstreamSettings.model_validate(upstream).model_dump()
            order = UpstreamOrder(system, wanted.name, name, settings, None)
            _, revision = await self._upstreams.put(database, principal, order)
        return stage, revision

    async def _put(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        wanted: StageDefinition,
        document: Mapping[str, Any],
    ) -> Stage:
        stage = await find_stage(session, system, wanted.name)
        before = dict(stage.variables) if stage is not None else None
        if stage is None:
            if len(await stages_of(session, [system])) >= MOST_STAGES:
                raise Conflict(f"A system has at most {MOST_STAGES} stages; remove one that is not used")
            default = wanted.upstreams.get(DEFAULT) or next(iter(wanted.upstreams.values()), None)
            if default is None:
                raise Invalid.field("backends", "is missing", "A new stage needs a backend")
            stage = Stage(
                system=system,
                name=wanted.name,
                release_id="",
                release="",
                upstream_url=default["targets"][0]["url"],
                signing=JWT,
                updated_at=self._clock.now(),
            )
            session.add(stage)
        if document.get("vars") is not None or before is None:
            stage.variables = dict(wanted.variables)
        if before == stage.variables:
            return stage
        stage.updated_at = self._clock.now()
        await session.flush()
        record(
            session,
            principal,
            "stage.changed" if before is not None else "stage.created",
            "system",
            system,
            before={"stage": stage.name, "variables": before} if before is not None else None,
            after={"stage": stage.name, "variables": stage.variables, "upstream_url": stage.upstream_url},
        )
        return stage


def _read(document: Mapping[str, Any]) -> StageDefinition:
    definition = read_definition({"stages": [dict(document)]})
    # What an import merely notes, nobody would read in the answer here: a plugin that isn't there is an error.
    wrong = [*definition.problems, *(note for note in definition.notes if not note.field.endswith("/mcp_servers"))]
    if wrong:
        placed = [replace(each, field=each.field.removeprefix("/stages/0/")) for each in wrong]
        shown = "; ".join(f"{each.field}: {each.problem}" for each in placed[:5])
        raise Invalid(f"The stage can't be set up: {shown}", fields=placed)
    if not definition.stages:
        raise Invalid.field("name", "is missing", "Send the stage's name")
    return definition.stages[0]
