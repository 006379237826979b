"""Templates of one project copied into another, for clients of Standard OPS."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.flows.copying import CopyService, CopyWish, Missing
from orchestrator.flows.errors import FlowRefused
from orchestrator.flows.service import FlowService
from orchestrator.sops.errors import NotHere, ParameterWrong
from orchestrator.sops.numbers import Kind, numbered, subject_of
from orchestrator.sops.places import Places
from orchestrator.sops.templates.schemas import CopyTemplates, ImportedTemplates


class TemplateCopying:
    def __init__(self, places: Places, flows: FlowService, copies: CopyService) -> None:
        self._places = places
        self._flows = flows
        self._copies = copies

    async def copy_template_across_project(
        self, session: AsyncSession, principal: Principal, asked: CopyTemplates
    ) -> ImportedTemplates:
        """What can be run there is published; the rest stays a draft for somebody to finish."""
        place = await self._places.project(session, principal, asked)
        target = await subject_of(session, Kind.PROJECT, asked.new_project_id)
        if target is None:
            raise NotHere("project", asked.new_project_id)
        if target == place.project.id:
            raise ParameterWrong("new_project_id", "is the project they are in: name another one")
        done = ImportedTemplates(count=0, flows={}, drafts=[], remarks={})
        for number in dict.fromkeys(asked.template_ids):
            flow = await self._places.flow(session, place, number)
            wish = CopyWish(flow.name, target, flow.latest_revision)
            copied = await self._copies.copy(session, principal, flow.id, wish)
            made = await numbered(session, Kind.FLOW, copied.flow.id)
            done.flows[made] = copied.flow.name
            remarks = [_told(missing) for missing in copied.missing]
            try:
                await self._flows.publish(
                    session, principal, copied.flow.id, "copied from another project", copied.flow.draft_version
                )
            except FlowRefused as error:
                done.drafts.append(made)
                remarks.append(error.detail)
            if remarks:
                done.remarks[copied.flow.name] = remarks
        return done.model_copy(update={"count": len(done.flows)})


def _told(missing: Missing) -> str:
    return f"the project needs the {missing.kind} {missing.name}"
