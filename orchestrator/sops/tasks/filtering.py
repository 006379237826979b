"""Which tasks a client means."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.moments import read_moment
from orchestrator.sops.numbers import Kind, subjects_of
from orchestrator.sops.tasks.repository import TaskFilter
from orchestrator.sops.tasks.schemas import FilterTasks


async def wanted_tasks(session: AsyncSession, project_id: str, asked: FilterTasks) -> TaskFilter:
    """Raises:
    ParameterWrong: a time is none.
    """
    numbers = asked.template_ids
    if numbers is None and asked.template_id:
        numbers = [asked.template_id]
    flows = None if numbers is None else (await subjects_of(session, Kind.FLOW, numbers)).values()
    return TaskFilter(
        project_id,
        asked.keyword,
        asked.executor,
        asked.is_started,
        asked.is_finished,
        None if flows is None else list(flows),
        *between(("create_time_start", asked.create_time_start), ("create_time_end", asked.create_time_end)),
        asked.create_method,
        asked.is_child_taskflow,
    )


def between(since: tuple[str, str], until: tuple[str, str]) -> tuple[datetime | None, datetime | None]:
    """Args:
    since, until: the parameter's name and what was sent, which is empty for any time.

    Raises:
        ParameterWrong: one is no moment; names it.
    """
    return _moment(*since, end_of_day=False), _moment(*until, end_of_day=True)


def _moment(name: str, text: str, *, end_of_day: bool) -> datetime | None:
    try:
        return read_moment(text, end_of_day=end_of_day) if text else None
    except ValueError:
        raise ParameterWrong(name, "is no moment like 2024-01-01 12:00:00") from None
