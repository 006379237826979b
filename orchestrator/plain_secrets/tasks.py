"""Secrets that stand in tasks as they were typed: found, and sealed in all that belongs to the task."""

from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db.database import after_commit
from kernel.ids import new_id
from kernel.secret_handles import handle_of, with_handles
from orchestrator.archive.models import ArchivedTask
from orchestrator.archive.packing import PARTS, Record, pack, unpack
from orchestrator.engine.states import ENDED
from orchestrator.plain_secrets import repository
from orchestrator.plain_secrets.forms import SecretForms, plain_in_task, secret_forms
from orchestrator.runtime.models import Task
from orchestrator.runtime.store import NOBODY
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.secret_inputs.service import SecretInputs

_PAGE: Final = 200
_ENDED: Final = frozenset(state.value for state in ENDED)
_TASK: Final = ("inputs", "outputs", "progress")
_ROW: Final = ("inputs", "outputs", "storage", "error", "data", "reason", "message")


class TaskSecrets:
    def __init__(self, secrets: SecretInputs, wake: Wake) -> None:
        self._secrets = secrets
        self._wake = wake

    async def find(self, session: AsyncSession) -> AsyncIterator[Task]:
        """Tasks in which a secret stands as it was typed."""
        after = ""
        while page := await repository.tasks_after(session, after, _PAGE):
            for task in page:
                if await self._plain(session, task):
                    yield task
            after = page[-1].id

    async def find_archived(self, session: AsyncSession) -> AsyncIterator[ArchivedTask]:
        """As `find`, of the archive."""
        after = ""
        while page := await repository.archived_after(session, after, _PAGE):
            for row in page:
                if await _plain_in_archived(session, row):
                    yield row
            after = page[-1].id

    async def seal(self, session: AsyncSession, task_id: str) -> str | None:
        """The project's id; none where there was nothing to seal.

        One that has not ended is taken from its owner first, who has the secret in memory and would write it again.
        """
        task = await repository.lock_task(session, task_id)
        texts = await self._plain(session, task) if task is not None else frozenset()
        if task is None or not texts:
            return None
        handles = {text: self._secrets.keep(session, task.id, text) for text in sorted(texts)}
        _rewrite(task, _TASK, handles)
        for row in await repository.rows_of(session, task.id):
            _rewrite(row, _ROW, handles)
        if task.state not in _ENDED:
            task.fence += 1
            task.lease_owner = NOBODY
            after_commit(session, lambda: self._wake(task_id))
        return task.project_id

    async def seal_archived(self, session: AsyncSession, task_id: str) -> str | None:
        """As `seal`; the archive keeps no secrets, so that nothing opens these handles."""
        row = await session.get(ArchivedTask, task_id, with_for_update=True, populate_existing=True)
        texts = await _plain_in_archived(session, row) if row is not None else frozenset()
        if row is None or not texts:
            return None
        handles = {text: handle_of(new_id()) for text in texts}
        kept = unpack(row.record)
        parts = {part: with_handles(getattr(kept, part), handles) for part in PARTS}
        row.record = pack(Record(with_handles(kept.task, handles), **parts))
        return row.project_id

    @staticmethod
    async def _plain(session: AsyncSession, task: Task) -> frozenset[str]:
        forms = await _forms(session, task.definition_id)
        runs = await repository.outputs_of(session, task.id) if forms.decisions else []
        return plain_in_task(forms, {"inputs": task.inputs, "progress": task.progress}, runs)


async def _plain_in_archived(session: AsyncSession, row: ArchivedTask) -> frozenset[str]:
    kept = unpack(row.record)
    runs = [(run["node_id"], run["outputs"]) for run in kept.runs]
    return plain_in_task(await _forms(session, row.definition_id), kept.task, runs)


async def _forms(session: AsyncSession, definition_id: str) -> SecretForms:
    return secret_forms(await repository.definition(session, definition_id))


def _rewrite(row: Any, names: tuple[str, ...], handles: dict[str, str]) -> None:
    for name in names:
        value = getattr(row, name, None)
        if value is not None and (sealed := with_handles(value, handles)) != value:
            setattr(row, name, sealed)
