"""A task of the archive started anew, from its beginning: nothing of what its nodes came to is taken over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem, NotFound
from kernel.principal import Principal
from kernel.secret_handles import MASK, handles_in
from orchestrator.archive.service import ArchiveService, Story
from orchestrator.launch.errors import InputsRefused
from orchestrator.launch.requests import LaunchRequest
from orchestrator.launch.service import LaunchService
from orchestrator.tasks.origins import Origin, OriginKind


@dataclass(frozen=True, slots=True)
class ArchivedRerun:
    """Attributes:
    name, inputs, revision, leave_out: none for those of the archived task.
    key: as of a launch.
    """

    name: str | None = None
    inputs: Mapping[str, Any] | None = None
    revision: int | None = None
    leave_out: tuple[str, ...] | None = None
    key: str | None = None


class ArchiveReruns:
    """For whoever sees the archived task and may launch its flow."""

    def __init__(self, archive: ArchiveService, launches: LaunchService) -> None:
        self._archive = archive
        self._launches = launches

    async def rerun(self, session: AsyncSession, principal: Principal, task_id: str, wanted: ArchivedRerun) -> str:
        """Returns:
            The id of the new task.

        Raises:
            NotFound: the archive has no such task, or it ran no revision of a flow.
            InputsRefused: naming each secret that has to be given anew, and what else `LaunchService.launch` raises.
        """
        story = await self._archive.get(session, principal, task_id)
        row = story.row
        if not row.flow_id or not row.revision:
            raise NotFound("The task ran no published flow: there is nothing to run again")
        leave_out = wanted.leave_out
        if leave_out is None:
            leave_out = tuple(story.definition.get("left_out", ()))
        request = LaunchRequest(
            row.flow_id,
            _inputs(story, wanted.inputs),
            wanted.name or row.name,
            row.revision if wanted.revision is None else wanted.revision,
            wanted.key,
            leave_out,
            origin=Origin(OriginKind.RERUN, row.id, row.name),
        )
        return await self._launches.launch(session, principal, request)


def _inputs(story: Story, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the task is started with: what was given, else what it had in the end. Secrets are in no archive."""
    task = story.record.task
    earlier: Mapping[str, Any] = (task.get("progress") or {}).get("inputs") or task["inputs"]
    inputs = dict(earlier if given is None else given)
    lost = [name for name, value in earlier.items() if handles_in(value) and inputs.get(name, MASK) in (MASK, value)]
    if lost:
        problem, remedy = "is a secret, which the archive does not keep", "Give it anew"
        problems = [FieldProblem(f"/inputs/{name}", problem, remedy) for name in sorted(lost)]
        raise InputsRefused("; ".join(f"{each.field} {each.problem}" for each in problems), fields=problems)
    return inputs
