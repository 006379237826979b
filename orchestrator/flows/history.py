"""What has become of a flow: its revisions and its draft side by side, and an old revision taken up again."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.flow.difference import Difference, compare, overlay
from orchestrator.flow.document import write_flow
from orchestrator.flow.renaming import NotRenamed, with_input_renamed
from orchestrator.flows.errors import FlowRefused
from orchestrator.flows.models import FlowRow
from orchestrator.flows.service import FlowService, read_definition

Side = int | None
"""The number of a revision; none for the draft."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Attributes:
    picture: a definition with everything of both sides, to be drawn.
    """

    difference: Difference
    picture: dict[str, Any]


class HistoryService:
    """Reads and saves through `FlowService`, which checks the caller's right."""

    def __init__(self, flows: FlowService) -> None:
        self._flows = flows

    async def compare(
        self, session: AsyncSession, principal: Principal, flow_id: str, before: Side, after: Side
    ) -> Comparison:
        """Raises:
        NotFound: the flow has no such revision.
        """
        old = await self._side(session, principal, flow_id, before)
        new = await self._side(session, principal, flow_id, after)
        return await _compared(old, new)

    async def compare_draft(
        self, session: AsyncSession, principal: Principal, flow_id: str, definition: object
    ) -> Comparison:
        """What a definition has that the draft has not: for somebody whose save came too late.

        Raises:
            FlowRefused: the definition is unreadable.
        """
        flow = await self._flows.get(session, principal, flow_id)
        return await _compared(flow.draft, write_flow(read_definition(definition)))

    async def restore(
        self, session: AsyncSession, principal: Principal, flow_id: str, number: int, draft_version: int
    ) -> FlowRow:
        """Makes an old revision the draft; it is published as any other.

        Raises:
            StaleDraft: somebody has saved since `draft_version`; nothing is overwritten.
        """
        revision = await self._flows.get_revision(session, principal, flow_id, number)
        definition = revision.definition
        return await self._flows.save_draft(session, principal, flow_id, definition, draft_version, restores=number)

    async def rename_input(
        self, session: AsyncSession, principal: Principal, flow_id: str, name: str, to: str, draft_version: int
    ) -> FlowRow:
        """Of the draft, with every place of it that names the input.

        Raises:
            FlowRefused: there is no such input, the name can't be given, or a place would not follow.
            StaleDraft: somebody has saved since `draft_version`; nothing is overwritten.
        """
        draft = read_definition((await self._flows.get_to_edit(session, principal, flow_id, draft_version)).draft)
        try:
            renamed = await asyncio.to_thread(with_input_renamed, draft, name, to)
        except NotRenamed as error:
            raise FlowRefused.because_of(error.problems) from None
        return await self._flows.save_draft(session, principal, flow_id, write_flow(renamed), draft_version)

    async def _side(self, session: AsyncSession, principal: Principal, flow_id: str, side: Side) -> Mapping[str, Any]:
        if side is None:
            return (await self._flows.get(session, principal, flow_id)).draft
        return (await self._flows.get_revision(session, principal, flow_id, side)).definition


async def _compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    # In a thread: flows of thousands of nodes take long enough to hold up other requests.
    return await asyncio.to_thread(lambda: Comparison(compare(before, after), overlay(before, after)))
