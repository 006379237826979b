"""Notices become rows in the transaction that notes how far a task was told of: each once, by one process."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.db.database import Database
from orchestrator.engine.states import ENDED, TaskState
from orchestrator.notices import repository
from orchestrator.notices.models import FlowNotices, FlowWebhook, Notice
from orchestrator.notices.repository import UNSIGNED, WAITING, key_of
from orchestrator.notices.texts import Words, message_of, words_of
from orchestrator.runtime.models import Task

_AT_ONCE: Final = 100
_MOST_HEARD: Final = 2000
_LOOK_AGAIN: Final = timedelta(minutes=1)
"""How often all tasks are looked at for nodes that wait: the net beneath what is heard of in this process."""

_EVENTS: Final = {TaskState.FINISHED: "finished", TaskState.FAILED: "failed", TaskState.REVOKED: "revoked"}


class WebhookMessages(Protocol):
    """What a `FlowWebhook` is sent."""

    async def message(self, session: AsyncSession, task: Task, event: str) -> dict[str, Any]: ...


class TaskTeller:
    """Finds what is to be told of tasks, once it is durable."""

    def __init__(self, database: Database, clock: Clock, public_url: str, webhooks: WebhookMessages) -> None:
        self._database = database
        self._clock = clock
        self._public_url = public_url
        self._webhooks = webhooks
        self._heard: set[str] = set()
        self._looked_at: datetime | None = None

    def hear(self, task_id: str) -> None:
        """Something of the task became durable in this process."""
        if len(self._heard) < _MOST_HEARD:
            self._heard.add(task_id)

    async def tell(self) -> None:
        """Writes notices of everything that has happened."""
        await self._tell_states()
        await self._tell_waiting()

    async def _tell_states(self) -> None:
        async with self._database.reading() as session:
            changed = await repository.changed_tasks(session, _AT_ONCE)
        for task in changed:
            async with self._database.unit_of_work() as session:
                state = TaskState(task.state)
                if await repository.note_told(session, task, None if state in ENDED else state.value):
                    event = _EVENTS.get(state)
                    if event is not None:
                        await self._write(session, task, event, f"{task.id}.{task.sequence}")

    async def _tell_waiting(self) -> None:
        now = self._clock.now()
        heard, self._heard = self._heard, set()
        looks_at_all = self._looked_at is None or now - self._looked_at >= _LOOK_AGAIN
        if not heard and not looks_at_all:
            return
        async with self._database.reading() as session:
            found = await repository.waiting_runs(session, None if looks_at_all else heard, _AT_ONCE)
        if looks_at_all:
            self._looked_at = now
        for task, run in found:
            async with self._database.unit_of_work() as session:
                await self._write(session, task, WAITING, run.id)

    async def _write(self, session: AsyncSession, task: Task, event: str, about: str) -> None:
        settings = await repository.find_settings(session, task.flow_id)
        now = self._clock.now()
        wanted = settings is not None and event in settings.events
        notices: list[Notice] = []
        people = await _people(session, task, settings) if wanted and settings is not None else []
        if people:
            notices.append(_to_people(task, event, about, people, words_of(task, event, self._public_url), now))
        urls = [settings.url] if wanted and settings is not None and settings.url else []
        urls += [task.callback_url] if task.callback_url else []
        notices += [_to_address(task, event, about, url, now) for url in dict.fromkeys(urls)]
        webhook = await repository.find_webhook(session, task.flow_id)
        if webhook is not None and event in webhook.events:
            message = await self._webhooks.message(session, task, event)
            notices.append(_unsigned(task, event, about, webhook, message, now))
        await repository.add(session, notices)


async def _people(session: AsyncSession, task: Task, settings: FlowNotices) -> list[str]:
    """Each once, whatever names him."""
    named = {group.name: group.people for group in await repository.groups_of(session, task.project_id)}
    of_groups = [name for group in settings.groups for name in named.get(group, ())]
    return list(dict.fromkeys([*([task.created_by] if settings.launcher else []), *settings.people, *of_groups]))


def _to_people(task: Task, event: str, about: str, people: Iterable[str], words: Words, now: datetime) -> Notice:
    return Notice(
        key=key_of(event, about, "people"),
        project_id=task.project_id,
        flow_id=task.flow_id,
        task_id=task.id,
        about=f"task.{event}",
        kind="people",
        sender=task.created_by,
        receivers=list(people),
        title=words.title,
        content=words.content,
        next_attempt_at=now,
        created_at=now,
    )


def _to_address(task: Task, event: str, about: str, url: str, now: datetime) -> Notice:
    whom = "callback" if url == task.callback_url else "webhook"
    return Notice(
        key=key_of(event, about, whom),
        project_id=task.project_id,
        flow_id=task.flow_id,
        task_id=task.id,
        about=f"task.{event}",
        kind="webhook",
        sender=task.created_by,
        url=url,
        message=message_of(task, event, now),
        next_attempt_at=now,
        created_at=now,
    )


def _unsigned(
    task: Task, event: str, about: str, webhook: FlowWebhook, message: dict[str, Any], now: datetime
) -> Notice:
    return Notice(
        key=key_of(event, about, UNSIGNED),
        project_id=task.project_id,
        flow_id=task.flow_id,
        task_id=task.id,
        about=f"task.{event}",
        kind=UNSIGNED,
        sender=task.created_by,
        url=webhook.url,
        message=message,
        pauses=[webhook.interval] * webhook.retries,
        next_attempt_at=now,
        created_at=now,
    )
