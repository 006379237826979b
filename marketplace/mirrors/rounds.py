"""Following another installation, round by round: what changed since the last one, from where that ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from kernel.clock import Clock
from kernel.db.database import Database
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from marketplace.advisories.service import AdvisoryService
from marketplace.legacy_forms.service import FormScriptService
from marketplace.mirrors import repository
from marketplace.mirrors.following import StandingFollower
from marketplace.mirrors.models import MirrorRow
from marketplace.mirrors.remote import RemoteCatalogue, RemoteUnusable
from marketplace.mirrors.schemas import PluginChange
from marketplace.mirrors.service import TOKEN_PURPOSE
from marketplace.mirrors.taking import TAKEN, VersionTaker
from marketplace.versions.schemas import Deprecation
from marketplace.versions.service import PublishService
from marketplace.versions.standing.service import StandingService

_LEASE: Final = timedelta(minutes=15)
_AFTER_A_PROBLEM: Final = timedelta(minutes=5)
_OVERLAP_MILLISECONDS: Final = 120_000
"""How far before the last change a round begins: changes made at once by several can come a moment late."""
_TIME_DIGITS: Final = 12
_MOST_PAGES: Final = 5_000
"""Of a round: an installation that never comes to an end is not followed for ever."""


@dataclass(frozen=True, slots=True)
class RoundNeeds:
    """What a round works with."""

    database: Database
    secrets: SecretBox
    policy: AddressPolicy
    publishing: PublishService
    standing: StandingService
    advisories: AdvisoryService
    forms: FormScriptService
    clock: Clock


@dataclass(slots=True)
class _Held:
    """A mirror whose round is being made.

    Attributes:
        until: what `next_round_at` was put off to; another there means that the round is no longer this one.
    """

    name: str
    until: datetime


class MirrorRounds:
    def __init__(self, needs: RoundNeeds) -> None:
        self._needs = needs

    async def run_due(self) -> bool:
        """One round of one mirror; answers whether one was due."""
        now = self._needs.clock.now()
        async with self._needs.database.reading() as session:
            if not await repository.any_due(session, now):
                return False
        async with self._needs.database.unit_of_work() as session:
            name = await repository.claim_due(session, now, now + _LEASE)
        if name is not None:
            await self.run(name)
        return name is not None

    async def run(self, name: str) -> None:
        """Whatever stops it is kept with the mirror, and the next round goes on from there. One that is asked for
        meanwhile, or that begins since something else is followed now, ends this one and is made in its place.
        """
        async with self._needs.database.reading() as session:
            row = await repository.find_mirror(session, name)
        if row is None:
            return
        problem, held = "", _Held(name, row.next_round_at)
        client = TransportClient(self._needs.policy)
        try:
            await self._follow(client, row, held)
        except (RemoteUnusable, SecretUnreadable) as error:
            problem = str(error)
        finally:
            await client.aclose()
        await self._end(held, problem)

    async def _follow(self, client: TransportClient, row: MirrorRow, held: _Held) -> None:
        needs = self._needs
        token = needs.secrets.open(row.sealed_token, TOKEN_PURPOSE).decode() if row.sealed_token else ""
        remote = RemoteCatalogue(client, row.url, token)
        taker = VersionTaker(row.name, remote, needs.database, needs.publishing, needs.forms, needs.clock)
        follower = StandingFollower(row.name, needs.database, needs.standing, needs.advisories)
        cursor = "" if await self._begins_anew(row) else rewound(row.cursor)
        for _ in range(_MOST_PAGES):
            page = await remote.changes(cursor)
            await self._apply(remote, taker, follower, await self._followed(row, page.items))
            if not page.items or page.items[-1].change <= cursor:
                return
            cursor = page.items[-1].change
            if not await self._advance(held, cursor) or not page.more:
                return

    async def _followed(self, row: MirrorRow, changes: Sequence[PluginChange]) -> list[PluginChange]:
        """What is chosen, and whatever was taken before: a yank of it counts wherever its channel is now."""
        async with self._needs.database.reading() as session:
            taken = await repository.taken_among(session, row.name, {change.code for change in changes})
        return [change for change in changes if is_wanted(row, change) or (change.code, change.version) in taken]

    async def _begins_anew(self, row: MirrorRow) -> bool:
        """Somebody asked for what was refused to be tried again, or decided about what waited: what was said of it
        meanwhile was passed over.
        """
        if row.is_asked:
            return True
        async with self._needs.database.reading() as session:
            return await repository.any_approved(session, row.name)

    @staticmethod
    async def _apply(
        remote: RemoteCatalogue, taker: VersionTaker, follower: StandingFollower, changes: Iterable[PluginChange]
    ) -> None:
        plugins: dict[str, Deprecation | None] = {}
        for change in changes:
            if await taker.take(change) == TAKEN:
                await follower.version(change)
                plugins[change.code] = change.deprecation
        for code, deprecation in plugins.items():
            await follower.deprecation(code, deprecation)
            await follower.advisories(code, await remote.advisories(code))

    async def _advance(self, held: _Held, cursor: str) -> bool:
        """False when the round is over: another is to be made, or there is no mirror any more."""
        async with self._needs.database.unit_of_work() as session:
            row = await repository.find_mirror(session, held.name, lock=True)
            if row is None or row.next_round_at != held.until:
                return False
            held.until = self._needs.clock.now() + _LEASE
            row.cursor, row.next_round_at = cursor, held.until
            return True

    async def _end(self, held: _Held, problem: str) -> None:
        async with self._needs.database.unit_of_work() as session:
            row = await repository.find_mirror(session, held.name, lock=True)
            if row is None or row.next_round_at != held.until:
                return
            now = self._needs.clock.now()
            row.last_round_at, row.problem, row.is_asked = now, problem, False
            row.next_round_at = now + _pause(row, problem)
            if not problem:
                row.last_success_at = now


def is_wanted(row: MirrorRow, change: PluginChange) -> bool:
    """Whether it is of what the mirror follows."""
    return (
        (not row.publishers or change.publisher in row.publishers)
        and (not row.plugins or any(fnmatchcase(change.code, pattern) for pattern in row.plugins))
        and (not row.channels or change.channel in row.channels)
    )


def rewound(cursor: str) -> str:
    """A little before a change: its id begins with its time, in milliseconds."""
    if not cursor:
        return ""
    at = max(int(cursor[:_TIME_DIGITS], 16) - _OVERLAP_MILLISECONDS, 0)
    return f"{at:0{_TIME_DIGITS}x}{'0' * (len(cursor) - _TIME_DIGITS)}"


def _pause(row: MirrorRow, problem: str) -> timedelta:
    usual = timedelta(minutes=row.every_minutes)
    return min(usual, _AFTER_A_PROBLEM) if problem else usual
