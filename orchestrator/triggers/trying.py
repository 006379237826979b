"""What a trigger would make of something that comes; nothing is kept or started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import FieldProblem
from kernel.expressions.interpolation import as_text
from kernel.forms.data import validate_data
from kernel.principal import Principal
from orchestrator.common_flows.places import FlowPlaces
from orchestrator.flows.models import FlowRow
from orchestrator.flows.service import require_revision
from orchestrator.launch.errors import InputsRefused
from orchestrator.launch.forms import accepted_inputs, launch_form
from orchestrator.triggers.mapping import Unmappable, check_expressions, inputs_of, lets_through
from orchestrator.triggers.repository import WEBHOOK
from orchestrator.triggers.service import ROOTS, Wanted


@dataclass(frozen=True, slots=True)
class Trial:
    """Attributes:
    passes: the condition lets it through.
    inputs: of the task, or what would be told; none where they can't be made.
    problems: why nothing would be started or told.
    """

    passes: bool
    inputs: Mapping[str, Any] | None = None
    event_key: str = ""
    problems: Sequence[FieldProblem] = ()


class TriggerTrials:
    """For whoever edits the flow; the trigger need not be kept yet."""

    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory) -> None:
        self._places = FlowPlaces(authorizer, projects)

    async def try_out(
        self,
        session: AsyncSession,
        principal: Principal,
        flow_id: str,
        kind: str,
        wanted: Wanted,
        sample: Any,
        project: str | None = None,
    ) -> Trial:
        """Args:
            project: see `LaunchRequest`.

        Raises:
            Invalid: the condition or the mapping can't be kept so, naming each wrong field.
        """
        flow = (await self._places.find(session, principal, flow_id, Action.FLOW_EDIT, project)).flow
        check_expressions(wanted.condition, wanted.mapping, wanted.event_key, ROOTS[kind])
        if kind == WEBHOOK and wanted.payload_schema is not None:
            problems = validate_data(wanted.payload_schema, sample, "/sample")
            if problems:
                return Trial(passes=False, problems=problems)
        values = {ROOTS[kind]: sample}
        try:
            passes = lets_through(wanted.condition.strip(), values)
        except Unmappable as error:
            return Trial(passes=False, problems=[FieldProblem("condition", str(error))])
        return await self._made(session, flow, wanted, values) if passes else Trial(passes=False)

    @staticmethod
    async def _made(session: AsyncSession, flow: FlowRow, wanted: Wanted, values: Mapping[str, Any]) -> Trial:
        """What comes of something that was let through."""
        try:
            inputs = inputs_of(wanted.mapping, values)
            key = as_text(inputs_of({"key": wanted.event_key}, values)["key"]) if wanted.event else ""
        except Unmappable as error:
            return Trial(passes=True, problems=[FieldProblem("mapping", str(error))])
        if wanted.event:
            return Trial(True, inputs, key)
        form = launch_form((await require_revision(session, flow, wanted.revision)).definition)
        try:
            return Trial(True, accepted_inputs(form, inputs))
        except InputsRefused as error:
            return Trial(True, inputs, problems=error.fields)
