from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import bindparam, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.executors.judging import Terms
from orchestrator.executors.models import ExecutorConsent, ExecutorRequest, ProjectExecutor
from orchestrator.flow.executors import Standing
from orchestrator.flows.models import FlowRow
from orchestrator.runtime.models import Task

_PROJECT_EXECUTOR: Final = select(ProjectExecutor.username).where(
    col(ProjectExecutor.project_id) == bindparam("project_id")
)


async def terms_of(session: AsyncSession, project_id: str, username: str) -> list[Terms]:
    """A person's consents to a project's tasks."""
    statement = select(ExecutorConsent).where(
        col(ExecutorConsent.username) == username, col(ExecutorConsent.project_id) == project_id
    )
    return [terms(row) for row in (await session.execute(statement)).scalars()]


def terms(row: ExecutorConsent) -> Terms:
    return Terms(row.flow_id, row.revision, frozenset(row.scopes), row.expires_at, row.revoked_at)


async def consents_of(session: AsyncSession, username: str) -> Sequence[ExecutorConsent]:
    """All of a person's, those given last first."""
    statement = (
        select(ExecutorConsent)
        .where(col(ExecutorConsent.username) == username)
        .order_by(col(ExecutorConsent.given_at).desc(), col(ExecutorConsent.id))
    )
    return (await session.execute(statement)).scalars().all()


async def find_consent(session: AsyncSession, username: str, project_id: str, flow_id: str) -> ExecutorConsent | None:
    """Locked until the transaction ends."""
    statement = (
        select(ExecutorConsent)
        .where(
            col(ExecutorConsent.username) == username,
            col(ExecutorConsent.project_id) == project_id,
            col(ExecutorConsent.flow_id) == flow_id,
        )
        .with_for_update()
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def requests_to(session: AsyncSession, username: str) -> Sequence[ExecutorRequest]:
    statement = (
        select(ExecutorRequest)
        .where(col(ExecutorRequest.username) == username)
        .order_by(col(ExecutorRequest.asked_at).desc(), col(ExecutorRequest.place_id))
    )
    return (await session.execute(statement)).scalars().all()


async def put_requests(session: AsyncSession, flow_id: str, requests: Iterable[ExecutorRequest]) -> None:
    """Of a flow, exactly these."""
    await session.execute(delete(ExecutorRequest).where(col(ExecutorRequest.flow_id) == flow_id))
    session.add_all(requests)
    await session.flush()


async def project_executor(session: AsyncSession, project_id: str) -> str:
    """Empty where the project names nobody."""
    return (await session.execute(_PROJECT_EXECUTOR, {"project_id": project_id})).scalar_one_or_none() or ""


async def projects_naming(session: AsyncSession, username: str) -> Sequence[ProjectExecutor]:
    statement = select(ProjectExecutor).where(col(ProjectExecutor.username) == username)
    return (await session.execute(statement)).scalars().all()


async def standing_of_task(session: AsyncSession, task_id: str) -> Standing:
    """The flow and revision it runs."""
    statement = select(Task.flow_id, Task.revision).where(col(Task.id) == task_id)
    return Standing(*(await session.execute(statement)).one())


async def project_code_of(session: AsyncSession, task_id: str) -> str:
    statement = select(Task.project_code).where(col(Task.id) == task_id)
    return (await session.execute(statement)).scalar_one()


async def flow_names(session: AsyncSession, flow_ids: Collection[str]) -> dict[str, str]:
    statement = select(FlowRow.id, FlowRow.name).where(col(FlowRow.id).in_(flow_ids))
    return {row.id: row.name for row in await session.execute(statement)}
