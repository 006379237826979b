"""How the calls of a stage are signed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems, existing_stage
from gateway.registry.models import Stage
from gateway.registry.secrets.repository import find_secret
from gateway.registry.signing.keyring import SystemKeyring, make_key
from gateway.registry.signing.models import StageSigning
from gateway.registry.signing.profiles import SECRET_FIELDS, SECRET_NAME, check_secret
from gateway.registry.signing.repository import find_signing
from gateway.registry.upstreams.address_policy import UpstreamPolicy
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Invalid
from kernel.principal import Principal
from kernel.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class SigningOrder:
    """Attributes:
    secret: of profiles that send one; `None` keeps the one that is there.
    """

    system: str
    stage: str
    profile: str
    parameters: dict[str, str]
    secret: str | None


@dataclass(frozen=True, slots=True)
class DescribedSigning:
    profile: str
    parameters: dict[str, str]
    has_secret: bool


class SigningService:
    def __init__(
        self,
        systems: ManagedSystems,
        keyring: SystemKeyring,
        secrets: SecretBox,
        addresses: UpstreamPolicy,
        clock: Clock,
    ) -> None:
        self._systems = systems
        self._keyring = keyring
        self._secrets = secrets
        self._addresses = addresses
        self._clock = clock

    async def get(self, session: AsyncSession, principal: Principal, system: str, stage: str) -> DescribedSigning:
        """Raises NotFound."""
        await self._systems.visible(session, principal, system)
        found = await existing_stage(session, system, stage)
        return _described(found, await find_signing(session, system, stage))

    async def put(self, database: Database, principal: Principal, order: SigningOrder) -> tuple[DescribedSigning, int]:
        """Has the stage sign so from now on; answers the revision. Opens its own unit of work: names are resolved and
        keys made before it, and no transaction waits for that.

        Raises:
            NotFound: no such system or stage.
            Invalid: the secret is missing or can't be sent, the token's address must not be called.
        """
        async with database.reading() as session:
            await self._systems.managed(session, principal, order.system)
        if "token_url" in order.parameters:
            await self._addresses.check(order.parameters["token_url"], "token_url")
        key = await make_key(order.profile)
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, order.system)
            stage = await existing_stage(session, order.system, order.stage)
            await self._keyring.ensure(session, order.system, order.profile, key)
            described = await self.store(session, principal, stage, order)
            revision = await self._systems.publish(session, order.system)
        return described, revision

    async def store(
        self, session: AsyncSession, principal: Principal, stage: Stage, order: SigningOrder
    ) -> DescribedSigning:
        """As `put`, for whoever holds the lock, has checked address and right, has the system's key, and publishes."""
        row = await find_signing(session, stage.system, stage.name)
        before = _described(stage, row)
        sealed = await self._sealed(
            session, order, row.sealed if row is not None and row.profile == order.profile else None
        )
        if row is not None and not order.parameters and sealed is None:
            await session.delete(row)
            row = None
        elif order.parameters or sealed is not None:
            if row is None:
                row = StageSigning(system=stage.system, stage=stage.name, profile=order.profile, parameters={})
                session.add(row)
            row.profile, row.parameters, row.sealed = order.profile, order.parameters, sealed
            row.updated_at = self._clock.now()
        stage.signing, stage.updated_at = order.profile, self._clock.now()
        await session.flush()
        after = _described(stage, row)
        record(
            session,
            principal,
            "signing.changed",
            "system",
            stage.system,
            before=_recorded(stage, before),
            after=_recorded(stage, after) | {"new_secret": order.secret is not None},
        )
        return after

    async def _sealed(self, session: AsyncSession, order: SigningOrder, kept: str | None) -> str | None:
        """The secret of the signing's own; none where it names one of the system's."""
        field = SECRET_FIELDS.get(order.profile)
        if field is None:
            return None
        if SECRET_NAME in order.parameters:
            await self._check_named(session, order, field)
            return None
        if order.secret is None and kept is None:
            raise Invalid.field(field, "is missing", "Send it once; it is never shown again")
        opened = order.secret if order.secret is not None else self._secrets.open(kept or "", SIGNING_KEY).decode()
        check_secret(order.profile, order.parameters, opened, field)
        return self._secrets.seal(opened.encode(), SIGNING_KEY) if order.secret is not None else kept

    async def _check_named(self, session: AsyncSession, order: SigningOrder, field: str) -> None:
        name = order.parameters[SECRET_NAME]
        if order.secret is not None:
            raise Invalid.field(SECRET_NAME, f"can't go with {field}", "Send one of them")
        named = await find_secret(session, order.system, name)
        if named is None:
            raise Invalid.field(
                SECRET_NAME,
                f"{order.system} has no secret {name}",
                f"Keep it by PUT /v1/systems/{order.system}/secrets/{name}",
            )
        opened = self._secrets.open(named.sealed, SIGNING_KEY).decode()
        check_secret(order.profile, order.parameters, opened, SECRET_NAME)


def _described(stage: Stage, row: StageSigning | None) -> DescribedSigning:
    if row is None or row.profile != stage.signing:
        return DescribedSigning(stage.signing, {}, has_secret=False)
    has_secret = row.sealed is not None or SECRET_NAME in row.parameters
    return DescribedSigning(row.profile, row.parameters, has_secret)


def _recorded(stage: Stage, signing: DescribedSigning) -> dict[str, Any]:
    return {"stage": stage.name, "signing": signing.profile, **signing.parameters}
