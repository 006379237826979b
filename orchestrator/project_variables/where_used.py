"""Which flows name a project's variable or secret: drafts, newest revisions, those that schedules are pinned to,
common flows.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, cast, exists, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.common_flows.models import CommonFlow
from orchestrator.flow.document import read_flow
from orchestrator.flow.model import Flow
from orchestrator.flow.project_variables import variable_uses
from orchestrator.flow.uses import Use
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.schedules.models import Schedule

UsesOf = Callable[[Flow], Iterator[tuple[str, Use]]]
"""Every place of a flow that names one, with its name."""


@dataclass(frozen=True, slots=True)
class FlowUse:
    """A flow that names a variable or a secret.

    Attributes:
        revision: none for the draft.
        common: the flow is another project's, and shared with this one.
        places: where it stands.
    """

    flow_id: str
    flow_name: str
    revision: int | None
    common: bool
    places: tuple[Use, ...]

    @property
    def label(self) -> str:
        which = "the draft" if self.revision is None else f"revision {self.revision}"
        return f"{which} of {self.flow_name!r}"


async def flow_uses(
    session: AsyncSession, project_id: str, name: str, uses_of: UsesOf = variable_uses
) -> list[FlowUse]:
    """By the flow's name, its draft first."""
    found = [
        *((row, False) for row in await session.execute(_drafts(project_id, name))),
        *((row, False) for row in await session.execute(_revisions(project_id, name))),
        *((row[:4], True) for row in await session.execute(_common(project_id, name)) if row[4].is_for(project_id)),
    ]
    # In a thread: many large flows take long enough to hold up other requests.
    uses = await asyncio.to_thread(_read, found, name, uses_of)
    return sorted(uses, key=lambda use: (use.flow_name, use.flow_id, use.revision or 0))


def _read(found: Sequence[tuple[Sequence[Any], bool]], name: str, uses_of: UsesOf) -> list[FlowUse]:
    uses = []
    for (flow_id, flow_name, revision, definition), common in found:
        places = tuple(use for named, use in uses_of(read_flow(definition)) if named == name)
        if places:
            uses.append(FlowUse(flow_id, flow_name, revision, common, places))
    return uses


def _mentions(definition: Any, name: str) -> Any:
    """Leaves out, before it is read, what surely does not name it."""
    return cast(definition, Text).contains(name, autoescape=True)


def _drafts(project_id: str, name: str) -> Select[Any]:
    return select(col(FlowRow.id), col(FlowRow.name), null().label("revision"), col(FlowRow.draft)).where(
        col(FlowRow.project_id) == project_id, _mentions(col(FlowRow.draft), name)
    )


def _revisions(project_id: str, name: str) -> Select[Any]:
    pinned = exists().where(
        col(Schedule.flow_id) == col(FlowRevisionRow.flow_id), col(Schedule.revision) == col(FlowRevisionRow.number)
    )
    return _published(name).where(
        col(FlowRow.project_id) == project_id, or_(col(FlowRevisionRow.number) == col(FlowRow.latest_revision), pinned)
    )


def _common(project_id: str, name: str) -> Select[Any]:
    return (
        _published(name)
        .add_columns(CommonFlow)
        .join(CommonFlow, col(CommonFlow.flow_id) == col(FlowRow.id))
        .where(col(FlowRow.project_id) != project_id, col(FlowRevisionRow.number) == col(FlowRow.latest_revision))
    )


def _published(name: str) -> Select[Any]:
    return (
        select(col(FlowRow.id), col(FlowRow.name), col(FlowRevisionRow.number), col(FlowRevisionRow.definition))
        .join(FlowRevisionRow, col(FlowRevisionRow.flow_id) == col(FlowRow.id))
        .where(_mentions(col(FlowRevisionRow.definition), name))
    )
