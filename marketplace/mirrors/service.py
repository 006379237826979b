"""Which other installations are followed, set by administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import Conflict, Invalid, NotFound
from kernel.principal import Principal
from kernel.secrets import SecretBox
from kernel.transport.address_problem import address_problem
from kernel.transport.addresses import AddressPolicy
from kernel.transport.origin import parse_url
from marketplace.flows.service import CatalogueFlows
from marketplace.mirrors import repository
from marketplace.mirrors.models import MirroredVersionRow, MirrorRow

TOKEN_PURPOSE: Final = "catalogue mirror"  # noqa: S105  a purpose, not a secret
_KIND: Final = "plugin_mirror"
_MOST: Final = 20
_MOST_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class MirrorSettings:
    """See `MirrorRow`.

    Attributes:
        token: none forgets it.
        keeps_token: whatever `token` says, the one there is stays.
    """

    url: str
    token: str | None = None
    keeps_token: bool = True
    publishers: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    every_minutes: int = 60
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Mirror:
    """Attributes:
    counts: versions by what became of them.
    """

    row: MirrorRow
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class MirroredVersion:
    """Attributes:
    lacks: plugins that a flow needs and the catalogue here does not offer, with the range of versions.
    """

    row: MirroredVersionRow
    lacks: Mapping[str, str]


class MirrorService:
    def __init__(
        self, authorizer: Authorizer, secrets: SecretBox, policy: AddressPolicy, flows: CatalogueFlows, clock: Clock
    ) -> None:
        self._authorizer = authorizer
        self._secrets = secrets
        self._policy = policy
        self._flows = flows
        self._clock = clock

    async def browse(self, session: AsyncSession, principal: Principal) -> list[Mirror]:
        """By name. Raises PermissionDenied."""
        await self._require_keeper(session, principal)
        return [await self._with_counts(session, row) for row in await repository.all_mirrors(session)]

    async def put(self, session: AsyncSession, principal: Principal, name: str, wanted: MirrorSettings) -> Mirror:
        """Sets what is followed; a first round follows at once, and so does one after what is followed has changed.

        Raises:
            PermissionDenied: the caller is no administrator.
            Invalid: an address that may not be called; another server that would be sent the token of the last one.
            Conflict: there are too many.
        """
        await self._require_keeper(session, principal)
        problem = await address_problem(self._policy, wanted.url)
        if problem is not None:
            raise Invalid.field("url", problem)
        row, now = await repository.find_mirror(session, name, lock=True), self._clock.now()
        _require_own_token(row, wanted)
        before = described(row) if row is not None else None
        if row is None:
            if len(await repository.all_mirrors(session)) >= _MOST:
                raise Conflict(f"There are {_MOST} mirrors already; remove one that nobody needs")
            row = MirrorRow(name=name, url=wanted.url, next_round_at=now, created_by=principal.id, created_at=now)
            session.add(row)
        self._set(row, wanted)
        after = described(row)
        if before is None or any(before[part] != after[part] for part in ("url", "publishers", "plugins", "channels")):
            # What was passed over before may be wanted now.
            row.cursor, row.next_round_at = "", now
        action = "plugin_mirror.changed" if before is not None else "plugin_mirror.created"
        record(session, principal, action, _KIND, name, before=before, after=after)
        await session.flush()
        return await self._with_counts(session, row)

    async def sync(self, session: AsyncSession, principal: Principal, name: str) -> Mirror:
        """Has a round made at once, which tries again what was refused. Raises NotFound, PermissionDenied, Conflict."""
        row = await self._kept(session, principal, name)
        if not row.enabled:
            raise Conflict(f"The mirror {name} is switched off")
        row.is_asked, row.next_round_at = True, self._clock.now()
        record(session, principal, "plugin_mirror.asked", _KIND, name)
        await session.flush()
        return await self._with_counts(session, row)

    async def remove(self, session: AsyncSession, principal: Principal, name: str) -> None:
        """Follows it no more; what was taken stays. Raises NotFound, PermissionDenied."""
        row = await self._kept(session, principal, name)
        record(session, principal, "plugin_mirror.removed", _KIND, name, before=described(row))
        await repository.remove_mirror(session, name)

    async def versions(self, session: AsyncSession, principal: Principal, name: str) -> list[MirroredVersion]:
        """What became of its versions here, the last first. Raises NotFound, PermissionDenied."""
        row = await self._kept(session, principal, name)
        rows = await repository.newest_mirrored(session, row.name, _MOST_SHOWN)
        lacks = await self._flows.lacking_among(session, {(each.plugin_code, each.version) for each in rows})
        return [MirroredVersion(each, lacks.get((each.plugin_code, each.version), {})) for each in rows]

    def _set(self, row: MirrorRow, wanted: MirrorSettings) -> None:
        row.url, row.enabled, row.every_minutes = wanted.url, wanted.enabled, wanted.every_minutes
        row.publishers, row.plugins, row.channels = list(wanted.publishers), list(wanted.plugins), list(wanted.channels)
        if not wanted.keeps_token:
            row.sealed_token = self._secrets.seal(wanted.token.encode(), TOKEN_PURPOSE) if wanted.token else ""

    async def _kept(self, session: AsyncSession, principal: Principal, name: str) -> MirrorRow:
        await self._require_keeper(session, principal)
        row = await repository.find_mirror(session, name, lock=True)
        if row is None:
            raise NotFound(f"There is no mirror {name!r}")
        return row

    async def _require_keeper(self, session: AsyncSession, principal: Principal) -> None:
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)

    @staticmethod
    async def _with_counts(session: AsyncSession, row: MirrorRow) -> Mirror:
        return Mirror(row, await repository.counts_of(session, row.name))


def _require_own_token(row: MirrorRow | None, wanted: MirrorSettings) -> None:
    """A token is for the server it was given for, and is told to no other."""
    if row is None or not row.sealed_token or not wanted.keeps_token:
        return
    if parse_url(row.url)[0] != parse_url(wanted.url)[0]:
        raise Invalid.field("token", "was given for another server", "Send one for this server, or null")


def described(row: MirrorRow) -> dict[str, Any]:
    """Without its secret."""
    return {
        "url": row.url,
        "has_token": bool(row.sealed_token),
        "publishers": row.publishers,
        "plugins": row.plugins,
        "channels": row.channels,
        "every_minutes": row.every_minutes,
        "enabled": row.enabled,
    }
