"""Labels of a project's flows, and the flows that a person keeps at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.projects import ProjectDirectory
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.ids import new_id
from kernel.principal import Principal
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import require_flow
from orchestrator.labels import repository
from orchestrator.labels.errors import LabelTaken
from orchestrator.labels.models import Favourite, Label

MOST: Final = 100
"""Labels of a project."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What flows are found by.

    Attributes:
        labels: flow → ids of its labels.
        favourites: flows the person keeps at hand.
    """

    labels: Mapping[str, Sequence[str]]
    favourites: frozenset[str]


UNMARKED: Final = Marks({}, frozenset())


class LabelService:
    def __init__(self, authorizer: Authorizer, projects: ProjectDirectory, clock: Clock) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._clock = clock

    async def list_in(self, session: AsyncSession, principal: Principal, project: str) -> Sequence[Label]:
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(found.id))
        return await repository.labels_of(session, found.id)

    async def create(self, session: AsyncSession, principal: Principal, project: str, name: str, colour: str) -> Label:
        """Raises:
        LabelTaken: the project has one of that name.
        """
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, project_resource(found.id))
        if await repository.count_in(session, found.id) >= MOST:
            raise Invalid.field("name", f"would be one label more than {MOST}", "Delete one that is not needed")
        await _require_free(session, found.id, name, None)
        label = Label(id=new_id(), project_id=found.id, name=name, colour=colour)
        session.add(label)
        await session.flush()
        record(session, principal, "label.created", "label", label.id, after=_facts(label), project_id=found.id)
        return label

    async def change(self, session: AsyncSession, principal: Principal, label_id: str, name: str, colour: str) -> Label:
        """As `create`."""
        label = await self._find(session, principal, label_id)
        await _require_free(session, label.project_id, name, label.id)
        before = _facts(label)
        label.name, label.colour = name, colour
        await session.flush()
        record(
            session, principal, "label.changed", "label", label.id,
            before=before, after=_facts(label), project_id=label.project_id,
        )  # fmt: skip
        return label

    async def remove(self, session: AsyncSession, principal: Principal, label_id: str) -> None:
        """Flows that had it have it no longer."""
        label = await self._find(session, principal, label_id)
        await repository.remove_label(session, label)
        record(
            session, principal, "label.deleted", "label", label.id, before=_facts(label), project_id=label.project_id
        )

    async def put_on(
        self, session: AsyncSession, principal: Principal, flow_id: str, label_ids: Sequence[str]
    ) -> FlowRow:
        """Marks a flow with exactly these.

        Raises:
            Invalid: one is no label of the flow's project.
        """
        flow = await require_flow(session, flow_id, lock=True)
        resource = flow_resource(flow.id, flow.project_id)
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, resource)
        known = {label.id for label in await repository.labels_of(session, flow.project_id)}
        problems = [
            FieldProblem(f"/labels/{index}", f"the project has no label {label!r}", "Name one of its labels")
            for index, label in enumerate(label_ids)
            if label not in known
        ]
        if problems:
            raise Invalid("; ".join(problem.problem for problem in problems[:5]), fields=problems)
        before = (await repository.labels_on(session, [flow.id])).get(flow.id, [])
        after = sorted(set(label_ids))
        await repository.put_labels(session, flow.id, after)
        record(
            session, principal, "flow.labelled", "flow", flow.id,
            before={"labels": before}, after={"labels": after}, project_id=flow.project_id,
        )  # fmt: skip
        return flow

    async def keep(self, session: AsyncSession, principal: Principal, flow_id: str) -> None:
        """The flow is among the caller's favourites; for whoever may see it or launch it."""
        flow = await require_flow(session, flow_id)
        resource = flow_resource(flow.id, flow.project_id)
        if not await self._authorizer.allows(session, principal, Action.FLOW_LAUNCH, resource):
            await self._authorizer.require(session, principal, Action.FLOW_VIEW, resource)
        if await repository.find_favourite(session, principal.id, flow.id) is not None:
            return
        session.add(Favourite(username=principal.id, flow_id=flow.id, at=self._clock.now()))
        await session.flush()
        record(session, principal, "favourite.added", "flow", flow.id, project_id=flow.project_id)

    async def let_go(self, session: AsyncSession, principal: Principal, flow_id: str) -> None:
        """It is no favourite of the caller's any more; everybody may let go of his own."""
        flow = await require_flow(session, flow_id)
        found = await repository.find_favourite(session, principal.id, flow.id)
        if found is None:
            return
        await session.delete(found)
        record(session, principal, "favourite.removed", "flow", flow.id, project_id=flow.project_id)

    async def marks_of(self, session: AsyncSession, principal: Principal, flows: Sequence[FlowRow]) -> Marks:
        """Of flows that the caller was shown."""
        ids = [flow.id for flow in flows]
        labels = await repository.labels_on(session, ids)
        return Marks(labels, await repository.favourites_among(session, principal.id, ids))

    async def _find(self, session: AsyncSession, principal: Principal, label_id: str) -> Label:
        label = await repository.find_label(session, label_id)
        if label is None:
            raise NotFound(f"There is no label {label_id!r}")
        await self._authorizer.require(session, principal, Action.FLOW_EDIT, project_resource(label.project_id))
        return label


async def _require_free(session: AsyncSession, project_id: str, name: str, own: str | None) -> None:
    other = await repository.find_named(session, project_id, name)
    if other is not None and other.id != own:
        raise LabelTaken(f"The project has a label {name!r}; use that, or take another name")


def _facts(label: Label) -> dict[str, str]:
    return {"name": label.name, "colour": label.colour}
