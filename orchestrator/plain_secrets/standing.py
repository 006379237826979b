"""Secrets that stand in schedules and triggers as they were typed."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import NotFound
from kernel.expressions.interpolation import references
from kernel.forms.secrets import secret_fields
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.launch.forms import launch_form
from orchestrator.plain_secrets import repository
from orchestrator.plain_secrets.forms import plain_texts
from orchestrator.schedules.models import Schedule
from orchestrator.secret_inputs.service import SecretInputs
from orchestrator.triggers.models import Trigger

Standing = Schedule | Trigger


class StandingSecrets:
    def __init__(self, secrets: SecretInputs) -> None:
        self._secrets = secrets

    async def find(self, session: AsyncSession) -> AsyncIterator[Standing]:
        """Schedules and triggers in which a secret stands as it was typed."""
        rows: list[Standing] = [*await repository.schedules(session), *await repository.triggers(session)]
        for row in rows:
            if any(plain_texts(_fixed(row), secret_fields(await _schema(session, row)))):
                yield row

    async def seal_schedule(self, session: AsyncSession, schedule_id: str) -> str | None:
        """The project's id; none where there was nothing to seal."""
        row = await session.get(Schedule, schedule_id, with_for_update=True, populate_existing=True)
        sealed = await self._sealed(session, row) if row is not None else None
        if row is None or sealed is None:
            return None
        row.inputs = sealed
        return row.project_id

    async def seal_trigger(self, session: AsyncSession, trigger_id: str) -> str | None:
        """The project's id; none where there was nothing to seal."""
        row = await session.get(Trigger, trigger_id, with_for_update=True, populate_existing=True)
        sealed = await self._sealed(session, row) if row is not None else None
        if row is None or sealed is None:
            return None
        row.mapping = {**row.mapping, **sealed}
        return row.project_id

    async def _sealed(self, session: AsyncSession, row: Standing) -> dict[str, Any] | None:
        schema, fixed = await _schema(session, row), _fixed(row)
        if not any(plain_texts(fixed, secret_fields(schema))):
            return None
        return await self._secrets.seal(session, row.id, schema, fixed, held_by=row.id)


def _fixed(row: Standing) -> Mapping[str, Any]:
    """What tasks are given, without what a trigger takes of what comes."""
    if isinstance(row, Schedule):
        return row.inputs
    return {name: value for name, value in row.mapping.items() if not references(value)}


async def _schema(session: AsyncSession, row: Standing) -> Mapping[str, Any]:
    """Of what its flow asks for; of nothing where there is no such revision any more."""
    try:
        revision = await require_revision(session, await require_flow(session, row.flow_id), row.revision)
    except NotFound:
        return {}
    return launch_form(revision.definition).schema
