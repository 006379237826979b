"""What messages of a flow lack, said before it is launched: their nodes would fail only once they are reached."""

from collections.abc import Collection
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.grant_desk import GrantDesk
from kernel.errors import FieldProblem
from kernel.wording import Wordings
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import Flow, NotifyNode
from orchestrator.notices.sending import NOTIFY

MESSAGES: Final = Wordings("message")
_WAITS = MESSAGES.add(
    "grant_waits", "tells people something, for which the project's grant is not approved", "have {component} approved"
)
_NO_GRANT = MESSAGES.add(
    "no_grant", "tells people something, for which the project has no grant", "have {component} granted to it"
)
_APPROVED: Final = "approved"
_APPLIED: Final = "applied"


class MessageAdvisor:
    def __init__(self, grants: GrantDesk) -> None:
        self._grants = grants

    async def advice(
        self, session: AsyncSession, project_id: str, flow: Flow, left_out: Collection[str]
    ) -> list[FieldProblem]:
        """One for each node of the flow that tells somebody, or runs a flow that does, where that would be refused.

        Args:
            flow: with the flows inside it.
            left_out: its nodes that do not run.
        """
        paths = (path for path, node in Graph(flow).nodes.items() if isinstance(node, NotifyNode))
        telling = [node for node in dict.fromkeys(path.partition(".")[0] for path in paths) if node not in left_out]
        if not telling:
            return []
        grants = await self._grants.grants_for_components(session, project_id, [NOTIFY])
        states = {grant.state for grant in grants}
        if _APPROVED in states:
            return []
        lack = _WAITS if _APPLIED in states else _NO_GRANT
        return [lack.at(f"/nodes/{node}", component=NOTIFY) for node in telling]
