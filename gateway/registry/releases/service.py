"""Making releases of the draft, and comparing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.component_checks import set_problems
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.filling import draft_of
from gateway.registry.managed_systems import ManagedSystems, existing_release
from gateway.registry.models import Release
from gateway.registry.releases.diff import ReleaseDiff, diff
from gateway.registry.releases.versions import FIRST, Bump, Level, Version, needed, parse, stepped, text_of
from gateway.registry.releases.writer import digest_of, write_release
from gateway.registry.repository import components_of, newest_release, releases_page
from gateway.usage.repository import Use, callers_of
from gateway.usage.service import first_day
from kernel.clock import Clock
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, Invalid
from kernel.principal import Principal

DRAFT: Literal["draft"] = "draft"
CALLERS_DAYS = 30
MOST_CALLERS = 100
"""Told of a component, those that call it most first."""


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """Attributes:
    version: none means the one that `bump` leads to; `auto` is the lowest that tells callers what changed.
    force_because: why a version may tell callers less than what changed.
    checked_digest: of the components that were checked; nothing else may be released.
    """

    version: str | None = None
    bump: Bump = "auto"
    comment: str = ""
    force_because: str = ""
    checked_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Attributes:
    callers: by changed or removed component, the apps that called it lately; none for who doesn't manage the system.
    """

    diff: ReleaseDiff
    callers: Mapping[str, Sequence[Use]] | None


class ReleaseService:
    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def browse(
        self, session: AsyncSession, principal: Principal, system: str, page: PageRequest
    ) -> PageOf[Release]:
        """Newest first. Raises NotFound."""
        await self._systems.visible(session, principal, system)
        return await releases_page(session, system, page)

    async def get(self, session: AsyncSession, principal: Principal, system: str, version: str) -> Release:
        """Raises NotFound."""
        await self._systems.visible(session, principal, system)
        return await existing_release(session, system, version)

    async def create(
        self, session: AsyncSession, principal: Principal, system: str, order: ReleaseOrder
    ) -> tuple[Release, ReleaseDiff]:
        """Makes a release of the draft; nothing serves it yet. Answers it and what changed since the newest.

        Raises:
            NotFound: no such system.
            Conflict: the draft is what the newest release is, or an older release has the version.
            Invalid: the draft is empty, or the version doesn't follow the newest one, or tells callers too little.
        """
        await self._systems.lock(session, principal, system)
        return await self.make(session, principal, system, await draft_of(session, system), order)

    async def make(
        self,
        session: AsyncSession,
        principal: Principal,
        system: str,
        components: Sequence[ComponentDefinition],
        order: ReleaseOrder,
    ) -> tuple[Release, ReleaseDiff]:
        """As `create`, of these components; the caller holds the lock and has checked the right to."""
        if not components:
            raise Invalid(f"The draft of {system} has no components; add one or import a document")
        problems = set_problems(components)
        if problems:
            raise Invalid(f"These components can't be served together: {problems[0].problem}", fields=problems)
        if order.checked_digest not in (None, digest_of(components)):
            raise Conflict(f"The draft of {system} changed while its samples ran; try again", code="draft_changed")
        newest = await newest_release(session, system)
        before = await self._components(session, newest) if newest is not None else []
        changes = diff(before, components)
        if newest is not None and changes.is_empty:
            raise Conflict(f"Nothing has changed since release {newest.version}", code="unchanged")
        version, forced = _version(order, parse(newest.version) if newest is not None else None, changes.level)
        release = await write_release(
            session,
            principal,
            system,
            text_of(version),
            components,
            self._clock.now(),
            comment=order.comment,
            forced_because=order.force_because if forced else "",
        )
        return release, changes

    async def compare(self, session: AsyncSession, principal: Principal, system: str, old: str, new: str) -> Comparison:
        """From one release to another, or to the draft.

        Raises:
            NotFound: no such system or release.
            PermissionDenied: the draft is for those who manage the system.
        """
        await self._systems.visible(session, principal, system)
        changes = diff(
            await self._named(session, principal, system, old), await self._named(session, principal, system, new)
        )
        touched = [*changes.removed, *(component.name for component in changes.changed)]
        if not await self._systems.manages(session, principal, system):
            return Comparison(changes, None)
        since = first_day(self._clock, CALLERS_DAYS)
        callers: dict[str, list[Use]] = {name: [] for name in touched}
        for use in await callers_of(session, system, since, touched, MOST_CALLERS) if touched else ():
            callers[use.component].append(use)
        return Comparison(changes, callers)

    async def _named(
        self, session: AsyncSession, principal: Principal, system: str, version: str
    ) -> list[ComponentDefinition]:
        if version == DRAFT:
            await self._systems.managed(session, principal, system)
            return await draft_of(session, system)
        return await self._components(session, await existing_release(session, system, version))

    async def _components(self, session: AsyncSession, release: Release) -> list[ComponentDefinition]:
        return [ComponentDefinition.from_columns(row) for row in await components_of(session, release.id)]


def _version(order: ReleaseOrder, newest: Version | None, level: Level) -> tuple[Version, bool]:
    """The version to give, and whether it had to be forced."""
    if newest is None:
        return (parse(order.version) if order.version is not None else FIRST), False
    lowest = needed(newest, level)
    if order.version is not None:
        version = parse(order.version)
    else:
        version = lowest if order.bump == "auto" else stepped(newest, order.bump)
    if version <= newest:
        raise Invalid.field(
            "version",
            f"{text_of(version)} doesn't follow the newest release {text_of(newest)}",
            f"Send {text_of(lowest)}",
        )
    if version >= lowest:
        return version, False
    if not order.force_because:
        meaning = "breaks callers" if level is Level.BREAKING else "offers callers more"
        raise Invalid.field(
            "version" if order.version is not None else "bump",
            f"{text_of(version)} tells callers too little: what changed since {text_of(newest)} {meaning}",
            f"Send {text_of(lowest)} or higher, or say in force_because why not",
        )
    return version, True
