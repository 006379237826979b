"""Carrying steps out: state, audit log and history in one unit of work, and word to those who listen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.access.grant_rules.repository import rules_of
from gateway.access.grants.duration import AS_APPLIED, Duration
from gateway.access.grants.models import Grant, GrantEvent
from gateway.access.grants.reminders import next_reminder
from gateway.access.grants.repository import events_count, find_grant
from gateway.access.grants.states import GrantState, GrantStep, after, state_at
from gateway.access.shards import app_document
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.repository import shard_revision
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.principal import Principal

_DECISIONS = frozenset({GrantStep.APPROVE, GrantStep.REFUSE, GrantStep.REVOKE})
_TOLD_AS = {GrantStep.ANSWER: "answered"}


class StepListener(Protocol):
    """Hears of every step, in the unit of work of the step itself: implemented by gateway.access.tickets."""

    async def heard(self, session: AsyncSession, event: GrantEvent, grants: Sequence[Grant]) -> None: ...


class GrantSteps:
    """The one way by which grants change. Who may was asked before, and the publisher is locked."""

    def __init__(self, publisher: SnapshotPublisher, listeners: Sequence[StepListener], clock: Clock) -> None:
        self._publisher = publisher
        self._listeners = listeners
        self._clock = clock

    def state_of(self, grant: Grant) -> GrantState:
        """The state of now."""
        return state_at(GrantState(grant.state), grant.expires_at, self._clock.now())

    async def file(self, session: AsyncSession, principal: Principal, grants: Sequence[Grant]) -> None:
        """Puts a new application, its grants, beside the others."""
        await self.add(session, principal, grants)
        await self._tell(session, principal, "applied", grants, grants[0].reason)

    async def add(self, session: AsyncSession, principal: Principal, grants: Sequence[Grant]) -> None:
        """More grants of an application that is there."""
        session.add_all(grants)
        await session.flush()
        for grant in grants:
            about = {"app_code": grant.app_code, "system": grant.system, "component": grant.component}
            renewal = {"renews": grant.renews} if grant.renews is not None else {}
            await _record(session, principal, "grant.applied", grant, None, {**about, "days": grant.days, **renewal})

    async def take(
        self,
        session: AsyncSession,
        principal: Principal,
        grants: Sequence[Grant],
        step: GrantStep,
        text: str = "",
        until: Duration = AS_APPLIED,
    ) -> None:
        """The same step with grants of one application; all take it or none.

        Raises:
            Conflict: it isn't possible for one of them.
            Invalid: an exact end lies in the past.
        """
        superseded: list[Grant] = []
        following = [after(self._written_or_over(grant, step), step) for grant in grants]
        for grant, state in zip(grants, following, strict=True):
            before = self._written_or_over(grant, step)
            if step is GrantStep.APPROVE:
                superseded += await self._begin(session, grant, until)
            grant.state = state.value
            if step in _DECISIONS:
                grant.decided_by, grant.decided_at, grant.comment = principal.id, self._clock.now(), text
            await _record(session, principal, f"grant.{state}", grant, {"state": before.value}, _described(grant))
        await session.flush()
        await self._tell(session, principal, _TOLD_AS.get(step, following[0].value), grants, text)
        for renewed in _by_application(superseded):
            await self.take(session, principal, renewed, GrantStep.SUPERSEDE)

    async def expire(self, session: AsyncSession, principal: Principal, due: Sequence[Grant]) -> None:
        """Writes down what time has done; the data plane refused these calls already."""
        for grants in _by_application(due):
            await self.take(session, principal, grants, GrantStep.EXPIRE)
        for app_code in dict.fromkeys(grant.app_code for grant in due):
            await self.publish(session, app_code)

    async def remind(self, session: AsyncSession, principal: Principal, due: Sequence[Grant]) -> None:
        """Tells that their end comes near, and plans the next reminder of each."""
        for grant in due:
            days = (await rules_of(session, grant.system)).reminder_days
            grant.remind_at = next_reminder(grant.expires_at, days, self._clock.now())
        for grants in _by_application(due):
            await self._tell(session, principal, "reminded", grants, "")

    async def revision(self, session: AsyncSession, app_code: str) -> int:
        """At which the app changed last: the answer to a step that changes nothing of what it may call."""
        return await shard_revision(session, f"app:{app_code}")

    async def publish(self, session: AsyncSession, app_code: str) -> int:
        """The revision at which the data plane knows."""
        return await self._publisher.publish(session, lambda inside: app_document(inside, app_code, self._clock.now()))

    def _written_or_over(self, grant: Grant, step: GrantStep) -> GrantState:
        """Time has ended a grant already when the sweep writes that down."""
        return GrantState(grant.state) if step is GrantStep.EXPIRE else self.state_of(grant)

    async def _begin(self, session: AsyncSession, grant: Grant, until: Duration) -> list[Grant]:
        """Sets the end of a grant that is approved now; answers what it supersedes."""
        now = self._clock.now()
        renewed = await find_grant(session, grant.renews) if grant.renews is not None else None
        runs = renewed is not None and self.state_of(renewed) is GrantState.APPROVED
        start = max(now, renewed.expires_at or now) if renewed is not None and runs else now
        grant.expires_at = until.end(grant.days, start, now)
        days = (await rules_of(session, grant.system)).reminder_days
        grant.remind_at = next_reminder(grant.expires_at, days, now)
        return [renewed] if renewed is not None and runs else []

    async def _tell(
        self, session: AsyncSession, principal: Principal, step: str, grants: Sequence[Grant], text: str
    ) -> None:
        event = GrantEvent(
            application_id=grants[0].application_id,
            number=await events_count(session, grants[0].application_id) + 1,
            step=step,
            actor=principal.id,
            text=text,
            components=[grant.component for grant in grants],
            at=self._clock.now(),
        )
        session.add(event)
        await session.flush()
        for listener in self._listeners:
            await listener.heard(session, event, grants)


def _by_application(grants: Iterable[Grant]) -> list[list[Grant]]:
    found: defaultdict[str, list[Grant]] = defaultdict(list)
    for grant in grants:
        found[grant.application_id].append(grant)
    return list(found.values())


def _described(grant: Grant) -> dict[str, str | None]:
    return {
        "state": grant.state,
        "app_code": grant.app_code,
        "system": grant.system,
        "component": grant.component,
        "applied_by": grant.applied_by,
        "expires_at": grant.expires_at.isoformat() if grant.expires_at is not None else None,
        "comment": grant.comment,
    }


async def _record(
    session: AsyncSession,
    principal: Principal,
    action: str,
    grant: Grant,
    before: dict[str, str | None] | None,
    after_: dict[str, str | int | None] | dict[str, str | None],
) -> None:
    app = await find_app(session, grant.app_code)
    project = app.project_id if app is not None else None
    record(session, principal, action, "grant", grant.id, before=before, after=after_, project_id=project)
