"""Where the stages of a system forward to."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems, existing_stage
from gateway.registry.models import Stage
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.checks import check_tls, checked_targets
from gateway.registry.upstreams.client_keys import NamedClientKeys
from gateway.registry.upstreams.models import StageUpstream
from gateway.registry.upstreams.repository import configured_upstream, default_upstream, upstreams_of
from gateway.snapshot.model.upstreams import DEFAULT
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound
from kernel.principal import Principal
from kernel.secrets import SecretBox

MOST_UPSTREAMS = 32


@dataclass(frozen=True, slots=True)
class UpstreamOrder:
    """Attributes:
    settings: as the snapshot's model of an upstream has them, without the key.
    private_key: PEM, of the client certificate in `settings`; `None` keeps the one that is there.
    """

    system: str
    stage: str
    name: str
    settings: dict[str, Any]
    private_key: str | None


class UpstreamService:
    def __init__(self, systems: ManagedSystems, secrets: SecretBox, addresses: UpstreamPolicy, clock: Clock) -> None:
        self._systems = systems
        self._secrets = secrets
        self._named_keys = NamedClientKeys(secrets)
        self._addresses = addresses
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal, system: str, stage: str) -> list[StageUpstream]:
        """Of a stage, by name; raises NotFound."""
        await self._systems.visible(session, principal, system)
        return await upstreams_of(session, await existing_stage(session, system, stage))

    async def get(
        self, session: AsyncSession, principal: Principal, system: str, stage: str, name: str
    ) -> StageUpstream:
        """Raises NotFound."""
        for upstream in await self.browse(session, principal, system, stage):
            if upstream.name == name:
                return upstream
        raise NotFound(f"Stage {stage} of {system} has no upstream {name}")

    async def put(self, database: Database, principal: Principal, order: UpstreamOrder) -> tuple[StageUpstream, int]:
        """Makes the upstream or replaces all of its settings; answers it and the revision.

        Opens its own unit of work: names are resolved before it, and no transaction waits for that.

        Raises:
            NotFound: no such system or stage.
            Invalid: a target that must not be called or stands twice, targets with different paths, unusable TLS.
        """
        async with database.reading() as session:
            await self._systems.managed(session, principal, order.system)
        targets = await checked_targets(self._addresses, order.settings["targets"])
        settings = {**order.settings, "targets": targets}
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, order.system)
            stage = await existing_stage(session, order.system, order.stage)
            upstream = await self._store(session, principal, stage, order, settings)
            revision = await self._systems.publish(session, order.system)
        return upstream, revision

    async def remove(self, session: AsyncSession, principal: Principal, system: str, stage: str, name: str) -> int:
        """Answers the revision.

        Raises:
            NotFound: no such system, stage or upstream.
            Conflict: it is the default one.
            Invalid: a component that the stage serves goes there.
        """
        await self._systems.lock(session, principal, system)
        await existing_stage(session, system, stage)
        if name == DEFAULT:
            raise Conflict(f"Every stage has the upstream {DEFAULT}; change it instead")
        found = await configured_upstream(session, system, stage, name)
        if found is None:
            raise NotFound(f"Stage {stage} of {system} has no upstream {name}")
        await session.delete(found)
        record(session, principal, "upstream.removed", "system", system, before=_described(found))
        return await self._systems.publish(session, system)

    async def _store(
        self, session: AsyncSession, principal: Principal, stage: Stage, order: UpstreamOrder, settings: dict[str, Any]
    ) -> StageUpstream:
        found = await configured_upstream(session, stage.system, stage.name, order.name)
        before = _described(found) if found is not None else None
        if found is None:
            if order.name == DEFAULT and stage.upstream_url:
                before = _described(default_upstream(stage))
            elif len(await upstreams_of(session, stage)) >= MOST_UPSTREAMS:
                raise Conflict(f"A stage has at most {MOST_UPSTREAMS} upstreams; remove one that is not used")
            found = StageUpstream(system=stage.system, stage=stage.name, name=order.name, settings=settings)
            session.add(found)
        found.sealed_key = await self._sealed_key(session, found, order, settings)
        found.settings, found.updated_at = settings, self._clock.now()
        if order.name == DEFAULT:
            stage.upstream_url = settings["targets"][0]["url"]
            stage.connect_timeout, stage.timeout = settings["connect_timeout"], settings["timeout"]
        await session.flush()
        record(session, principal, "upstream.changed", "system", stage.system, before=before, after=_described(found))
        return found

    async def _sealed_key(
        self, session: AsyncSession, kept: StageUpstream, order: UpstreamOrder, settings: dict[str, Any]
    ) -> str | None:
        """The key of the upstream's own certificate, sealed; checks that the TLS settings can be used."""
        tls = settings["tls"]
        if tls is None:
            return None
        if tls["secret_name"] is not None:
            if order.private_key is not None:
                raise Invalid.field("tls.secret_name", "can't go with private_key", "Send one of them")
            await self._named_keys.check(session, order.system, settings)
            return None
        key = order.private_key.encode() if order.private_key is not None else b""
        if not key and kept.sealed_key is not None and tls["certificate"]:
            key = self._secrets.open(kept.sealed_key, SIGNING_KEY)
        if bool(key) != bool(tls["certificate"]):
            problem = "is missing" if tls["certificate"] else "belongs to no certificate"
            raise Invalid.field("tls.private_key", problem, "Send certificate and private_key together")
        await check_tls(settings["targets"], tls["authority"], tls["certificate"], key)
        return self._secrets.seal(key, SIGNING_KEY) if key else None


async def require_configured(session: AsyncSession, stage: Stage, url: str) -> None:
    """Raises Conflict when the stage's default upstream is configured, and `url` is none of its targets.

    An import names one address. It must not undo what was configured with more care, nor be passed over in silence.
    """
    configured = await configured_upstream(session, stage.system, stage.name, DEFAULT)
    if configured is not None and url not in [target["url"] for target in configured.settings["targets"]]:
        problem = f"is no target of the upstream {DEFAULT} that stage {stage.name} is configured with"
        raise Conflict(
            f"upstream_url: {url} {problem}",
            fields=[FieldProblem("upstream_url", problem, "Change the upstream first, or name one of its targets")],
        )


def _described(upstream: StageUpstream) -> dict[str, Any]:
    return {"stage": upstream.stage, "upstream": upstream.name, **upstream.settings}
