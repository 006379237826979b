from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.engine.states import ENDED, TaskState
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.mini_apps.models import MiniApp
from orchestrator.runtime.models import Task, TaskDefinition
from orchestrator.schedules.models import Schedule
from orchestrator.triggers.models import Trigger


@dataclass(frozen=True, slots=True)
class LiveDefinition:
    """A definition that tasks run by which have not ended.

    Attributes:
        revision: 0 of a plugin alone.
    """

    flow_id: str
    flow_name: str
    revision: int
    document: dict[str, Any]
    tasks: int


async def find_flows(session: AsyncSession, project_id: str) -> list[FlowRow]:
    """All of a project, with their drafts."""
    statement = select(FlowRow).where(col(FlowRow.project_id) == project_id).order_by(col(FlowRow.id))
    return list((await session.execute(statement)).scalars())


async def find_newest_revisions(session: AsyncSession, project_id: str) -> dict[str, FlowRevisionRow]:
    """Flow → its newest revision."""
    statement = (
        select(FlowRevisionRow)
        .join(
            FlowRow,
            and_(
                col(FlowRow.id) == col(FlowRevisionRow.flow_id),
                col(FlowRow.latest_revision) == col(FlowRevisionRow.number),
            ),
        )
        .where(col(FlowRow.project_id) == project_id)
    )
    return {row.flow_id: row for row in (await session.execute(statement)).scalars()}


async def find_started_revisions(
    session: AsyncSession, project_id: str, by: type[Schedule | Trigger | MiniApp]
) -> list[tuple[str, FlowRevisionRow]]:
    """Revisions that these of the project start, each with its flow's name; without the newest ones of its own flows,
    which count whether anything starts them or not.
    """
    newest = col(FlowRow.latest_revision) == col(FlowRevisionRow.number)
    started = exists().where(
        col(by.project_id) == project_id,
        col(by.flow_id) == col(FlowRevisionRow.flow_id),
        or_(
            and_(col(by.revision) == col(FlowRevisionRow.number), or_(col(by.common), ~newest)),
            and_(col(by.revision).is_(None), col(by.common), newest),
        ),
        col(by.enabled),
    )
    if by is Trigger:
        started = started.where(col(Trigger.event) == "")
    statement = (
        select(col(FlowRow.name), FlowRevisionRow)
        .join(FlowRow, col(FlowRow.id) == col(FlowRevisionRow.flow_id))
        .where(started)
        .order_by(col(FlowRevisionRow.id))
    )
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def find_live_definitions(session: AsyncSession, project_id: str) -> list[LiveDefinition]:
    """Of tasks that go on by themselves or when somebody lets them; a failed one keeps no plugin from going."""
    ended: Iterable[str] = [state.value for state in (*ENDED, TaskState.FAILED)]
    live = (
        select(
            col(Task.definition_id),
            func.min(col(Task.flow_id)).label("flow_id"),
            func.min(col(Task.flow_name)).label("flow_name"),
            func.max(col(Task.revision)).label("revision"),
            func.count().label("tasks"),
        )
        .where(col(Task.project_id) == project_id, col(Task.state).not_in(ended))
        .group_by(col(Task.definition_id))
        .subquery()
    )
    statement = select(
        live.c.flow_id, live.c.flow_name, live.c.revision, col(TaskDefinition.document), live.c.tasks
    ).join(live, live.c.definition_id == col(TaskDefinition.id))
    return [LiveDefinition(*row) for row in (await session.execute(statement)).all()]
