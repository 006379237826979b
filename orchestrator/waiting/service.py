"""Events that are told to the tasks of a project."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.db.database import after_commit
from kernel.db.pages import PageRequest
from kernel.principal import Principal
from orchestrator.flows.resources import project_resource
from orchestrator.runtime.rows import event_text
from orchestrator.waiting import repository
from orchestrator.waiting.giving import Giver
from orchestrator.waiting.models import Event, EventDelivery


@dataclass(frozen=True, slots=True)
class Told:
    """Attributes:
    name, key: what the event is about.
    given_id: what its sender calls it.
    keep: how long it is there for nodes that come to wait for it.
    """

    name: str
    key: str
    data: Any
    given_id: str | None
    keep: timedelta


@dataclass(frozen=True, slots=True)
class SeenEvent:
    event: Event
    delivered: list[EventDelivery]


@dataclass(frozen=True, slots=True)
class EventPage:
    items: list[SeenEvent]
    next: str | None


class EventService:
    """Who may operate a project's tasks tells them of events, and sees what was told.

    Args:
        ring: says that there may be something to give.
    """

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        giver: Giver,
        clock: Clock,
        ring: Callable[[], None],
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._giver = giver
        self._clock = clock
        self._ring = ring

    async def tell(self, session: AsyncSession, principal: Principal, project: str, told: Told) -> SeenEvent:
        """The event, with the nodes it went to at once; the one told before when its sender's id is known.

        Raises:
            PermissionDenied: the caller may not operate the project's tasks.
        """
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.TASK_OPERATE, project_resource(found.id))
        return await self.tell_alone(session, principal, found.id, told)

    async def tell_alone(self, session: AsyncSession, principal: Principal, project_id: str, told: Told) -> SeenEvent:
        """As `tell`; the caller has checked that the principal may."""
        await repository.give_alone(session)
        if told.given_id is not None:
            earlier = await repository.find_given(session, project_id, told.given_id)
            if earlier is not None:
                return await self._seen(session, earlier)
        now = self._clock.now()
        event = Event(
            project_id=project_id,
            about=event_text(told.name, told.key),
            given_id=told.given_id,
            data={"data": told.data},
            sender=principal.id,
            created_at=now,
            expires_at=now + told.keep,
        )
        session.add(event)
        await session.flush()
        await self._giver.give_events(session, now)
        after_commit(session, self._ring)  # for what came to wait meanwhile
        after = {"name": told.name, "key": told.key, "id": told.given_id}
        record(session, principal, "event.told", "event", event.id, after=after, project_id=project_id)
        return await self._seen(session, event)

    async def list_in_project(
        self, session: AsyncSession, principal: Principal, project: str, page: PageRequest
    ) -> EventPage:
        """The newest first."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.TASK_VIEW, project_resource(found.id))
        events = await repository.events_page(session, found.id, page)
        delivered: dict[str, list[EventDelivery]] = defaultdict(list)
        for delivery in await repository.deliveries(session, [event.id for event in events.items]):
            delivered[delivery.event_id].append(delivery)
        return EventPage([SeenEvent(event, delivered[event.id]) for event in events.items], events.next)

    async def _seen(self, session: AsyncSession, event: Event) -> SeenEvent:
        return SeenEvent(event, await repository.deliveries(session, [event.id]))
