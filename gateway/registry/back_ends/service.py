"""Which back end answers the standard components of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.back_ends.repository import find_release_by_digest
from gateway.registry.back_ends.standards import EMBEDDED, Chosen, Standard, StandardSystems
from gateway.registry.managed_systems import ManagedSystems, existing_stage
from gateway.registry.models import Release, Stage
from gateway.registry.releases.versions import FIRST, parse, stepped, text_of
from gateway.registry.releases.writer import write_release
from gateway.registry.repository import components_of, newest_release, releases_of
from gateway.registry.signing.keyring import KeyMaterial, SystemKeyring, make_key
from gateway.registry.signing.profiles import MESSAGE_SIGNATURE
from gateway.registry.signing.service import SigningOrder, SigningService
from gateway.registry.stages.history import Change, serve_release
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.registry.upstreams.repository import configured_upstream
from gateway.snapshot.model.upstreams import DEFAULT
from gateway.snapshot.model.variables import MOST_VARIABLES
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class BackEndOrder:
    """Attributes:
    address: of the other system, or of the gateway before it. None keeps where the stage forwards to.
    signing: none keeps how the stage signs.
    variables: of the stage, besides those it has.
    """

    system: str
    stage: str
    chosen: Chosen
    address: str | None = None
    signing: SigningOrder | None = None
    variables: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DescribedBackEnd:
    """What answers now.

    Attributes:
        chosen: none where the stage's release was made otherwise.
        standard: what there is to choose from; none if nothing is.
    """

    chosen: Chosen | None
    release: str
    address: str
    lacking: Mapping[str, str]
    standard: Standard | None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An order after everything that takes its time; none keeps the address."""

    order: BackEndOrder
    standard: Standard
    address: str | None
    signing: SigningOrder | None
    key: KeyMaterial | None


class BackEndService:
    def __init__(
        self,
        systems: ManagedSystems,
        standards: StandardSystems,
        signing: SigningService,
        keyring: SystemKeyring,
        addresses: UpstreamPolicy,
        clock: Clock,
    ) -> None:
        self._systems = systems
        self._standards = standards
        self._signing = signing
        self._keyring = keyring
        self._addresses = addresses
        self._clock = clock

    async def get(self, session: AsyncSession, principal: Principal, system: str, name: str) -> DescribedBackEnd:
        """Raises NotFound."""
        await self._systems.visible(session, principal, system)
        stage = await existing_stage(session, system, name)
        standard = self._standards.find(system)
        if standard is None:
            return DescribedBackEnd(None, stage.release, stage.upstream_url, {}, None)
        return await self._described(session, stage, standard)

    async def choose(
        self, database: Database, principal: Principal, order: BackEndOrder
    ) -> tuple[DescribedBackEnd, int]:
        """Has the stage answered by that back end from now on: release, address and signing in one; answers the
        revision. Opens its own unit of work: addresses are resolved before it, and no transaction waits for that.

        Raises:
            NotFound: no such system or stage, or the system has no back ends.
            Invalid: no such way, an address that must not be called, a signing that isn't believed there.
            Conflict: the stage serves components of its own, or tries a release.
        """
        prepared = await self._prepare(database, principal, order)
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, order.system)
            stage = await existing_stage(session, order.system, order.stage)
            await _require_standard(session, stage, prepared.standard)
            before = await self._described(session, stage, prepared.standard)
            release = await self._release(session, principal, prepared)
            await self._put_address(session, stage, prepared.address)
            await self._put_signing(session, principal, stage, prepared)
            stage.variables = _variables(stage, prepared)
            if stage.release_id != release.id:
                change = Change(principal, self._clock.now(), "activated", f"answered by {order.chosen.text}")
                await serve_release(session, stage, release, change)
            stage.updated_at = self._clock.now()
            await session.flush()
            after = await self._described(session, stage, prepared.standard)
            record(
                session,
                principal,
                "stage.back_end_chosen",
                "system",
                order.system,
                before=_recorded(stage, before),
                after=_recorded(stage, after),
            )
            return after, await self._systems.publish(session, order.system)

    async def _prepare(self, database: Database, principal: Principal, order: BackEndOrder) -> _Prepared:
        async with database.reading() as session:
            await self._systems.managed(session, principal, order.system)
            stage = await existing_stage(session, order.system, order.stage)
        standard = self._standards.get(order.system)
        if order.chosen not in standard.components:
            ways = ", ".join(standard.table.ways)
            raise Invalid.field("through", f"{order.system} has no way {order.chosen.through}", f"Name one of {ways}")
        if order.chosen == EMBEDDED:
            usual = SigningOrder(order.system, order.stage, MESSAGE_SIGNATURE, {}, None)
            return _Prepared(order, standard, standard.address, usual, await make_key(MESSAGE_SIGNATURE))
        profile = order.signing.profile if order.signing is not None else stage.signing
        way = standard.table.ways[order.chosen.through or ""]
        if profile not in way.signing:
            problem = "is missing" if order.signing is None else f"{profile} is not believed there"
            raise Invalid.field("signing.profile", problem, f"Send one of {', '.join(way.signing)}")
        if order.address is None and stage.upstream_url == standard.address:
            raise Invalid.field("address", "is missing", "Send where that system, or the gateway before it, is served")
        address = await self._addresses.check(order.address, "address") if order.address is not None else None
        signing = order.signing
        if signing is not None and way.fixed:
            signing = replace(signing, parameters={**signing.parameters, **way.fixed})
        return _Prepared(order, standard, address, signing, await make_key(profile))

    async def _release(self, session: AsyncSession, principal: Principal, prepared: _Prepared) -> Release:
        """The one with exactly these components; each is made once, and chosen again for as often as anybody likes."""
        system, chosen = prepared.order.system, prepared.order.chosen
        found = await find_release_by_digest(session, system, prepared.standard.digests[chosen])
        if found is not None:
            return found
        newest = await newest_release(session, system)
        version = text_of(stepped(parse(newest.version), "minor") if newest is not None else FIRST)
        components = prepared.standard.components[chosen]
        comment = f"answered by {chosen.text}"
        return await write_release(session, principal, system, version, components, self._clock.now(), comment=comment)

    async def _put_address(self, session: AsyncSession, stage: Stage, address: str | None) -> None:
        """An upstream that was configured with more care stays as it is when it goes to that address."""
        if address is None:
            return
        configured = await configured_upstream(session, stage.system, stage.name, DEFAULT)
        if configured is not None:
            if address in [target["url"] for target in configured.settings["targets"]]:
                return
            await session.delete(configured)
        stage.upstream_url = address

    async def _put_signing(
        self, session: AsyncSession, principal: Principal, stage: Stage, prepared: _Prepared
    ) -> None:
        if prepared.signing is None:
            return
        await self._keyring.ensure(session, stage.system, prepared.signing.profile, prepared.key)
        await self._signing.store(session, principal, stage, prepared.signing)

    async def _described(self, session: AsyncSession, stage: Stage, standard: Standard) -> DescribedBackEnd:
        release = (await releases_of(session, [stage.release_id])).get(stage.release_id)
        digest = release.digest if release is not None else ""
        chosen = next((each for each, found in standard.digests.items() if found == digest), None)
        if stage.upstream_url == standard.address:
            chosen = EMBEDDED
        lacking = standard.lacking(chosen) if chosen is not None else {}
        return DescribedBackEnd(chosen, stage.release, stage.upstream_url, lacking, standard)


async def _require_standard(session: AsyncSession, stage: Stage, standard: Standard) -> None:
    if stage.canary is not None:
        raise Conflict(f"Stage {stage.name} tries release {stage.canary['release']}; end or promote that trial first")
    names = {component.name for component in standard.components[EMBEDDED]}
    own = [row.name for row in await components_of(session, stage.release_id) if row.name not in names]
    if own:
        raise Conflict(
            f"Stage {stage.name} of {stage.system} serves components that are not among the standard ones: "
            f"{', '.join(own[:5])}. Move them to a system of their own first",
            code="own_components",
        )


def _variables(stage: Stage, prepared: _Prepared) -> dict[str, str]:
    """What the stage has already is kept, what the order says is set."""
    merged = {**prepared.standard.table.variables, **stage.variables, **(prepared.order.variables or {})}
    if len(merged) > MOST_VARIABLES:
        raise Invalid.field("variables", f"makes {len(merged)}; a stage has at most {MOST_VARIABLES}", "Set fewer")
    return merged


def _recorded(stage: Stage, described: DescribedBackEnd) -> dict[str, str | None]:
    return {
        "stage": stage.name,
        "back_end": described.chosen.text if described.chosen is not None else None,
        "release": described.release,
        "address": described.address,
    }
