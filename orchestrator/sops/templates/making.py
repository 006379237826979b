"""Templates that clients bring: each becomes a flow of its own."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.principal import Principal
from orchestrator.flow.blueking.archive import NoArchive, Template, read_archive
from orchestrator.flow.blueking.nodes import Counterparts
from orchestrator.flow.blueking.report import Remark
from orchestrator.flow.blueking.tree import Converted
from orchestrator.flows.errors import FlowRefused
from orchestrator.flows.models import FlowRow
from orchestrator.flows.service import FlowService
from orchestrator.schemes.service import Brought, SchemeService
from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.numbers import Kind, numbered
from orchestrator.sops.places import Places
from orchestrator.sops.templates.reading import convert, converted, read_template
from orchestrator.sops.templates.schemas import CreatedTemplate, CreateTemplate, ImportedTemplates, ImportTemplates


@dataclass(frozen=True, slots=True)
class _Naming:
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Attributes:
    published: ids of the flows that can be run.
    """

    told: ImportedTemplates
    published: tuple[str, ...]


class TemplateMaking:
    def __init__(self, places: Places, flows: FlowService, schemes: SchemeService, clock: Clock) -> None:
        self._places = places
        self._flows = flows
        self._schemes = schemes
        self._clock = clock

    async def create_template(
        self, session: AsyncSession, principal: Principal, asked: CreateTemplate
    ) -> CreatedTemplate:
        """A flow with its first revision, or nothing at all."""
        place = await self._places.project(session, principal, asked)
        template = read_template(asked.pipeline_tree, asked.format)
        if asked.executor_proxy:
            template = replace(template, executor=asked.executor_proxy)
        name = asked.name or template.name or f"new{self._clock.now():%Y%m%d%H%M%S}"
        naming = _Naming(name, asked.description or template.description)
        flow = await self._made(session, principal, place.project.id, naming, await converted(session, template))
        await self._publish(session, principal, flow)
        number = await numbered(session, Kind.FLOW, flow.id)
        return CreatedTemplate(template_id=number, template_name=flow.name, pipeline_template_id=flow.id)

    async def import_project_template(
        self, session: AsyncSession, principal: Principal, asked: ImportTemplates
    ) -> ImportedTemplates:
        """What can be run is published; the rest stays a draft for somebody to finish."""
        place = await self._places.project(session, principal, asked)
        return (await self.imported(session, principal, place.project.id, asked.template_data)).told

    async def imported(self, session: AsyncSession, principal: Principal, project: str, text: str) -> Imported:
        """Args:
        text: the content of an exported file.
        """
        known: dict[str, str] = {}
        published: list[str] = []
        done = ImportedTemplates(count=0, flows={}, drafts=[], remarks={})
        for template in _templates(text):
            given = convert(template, Counterparts({}, known))
            naming = _Naming(template.name[:200], template.description[:2000])
            flow = await self._made(session, principal, project, naming, given)
            known[template.id] = flow.id
            number = await numbered(session, Kind.FLOW, flow.id)
            done.flows[number] = flow.name
            remarks = [_told(remark) for remark in given.remarks]
            try:
                await self._publish(session, principal, flow)
                published.append(flow.id)
            except FlowRefused as error:
                done.drafts.append(number)
                remarks.append(error.detail)
            await self._schemes.bring(
                session, principal, flow.id, [Brought(each.name[:100], each.kept) for each in template.schemes]
            )
            if remarks:
                done.remarks[flow.name] = remarks
        return Imported(done.model_copy(update={"count": len(done.flows)}), tuple(published))

    async def _made(
        self, session: AsyncSession, principal: Principal, project: str, naming: _Naming, given: Converted
    ) -> FlowRow:
        flow = await self._flows.create(session, principal, project, naming.name, naming.description)
        return await self._flows.save_draft(session, principal, flow.id, given.definition, flow.draft_version)

    async def _publish(self, session: AsyncSession, principal: Principal, flow: FlowRow) -> None:
        await self._flows.publish(session, principal, flow.id, "brought from Standard OPS", flow.draft_version)


def _templates(text: str) -> tuple[Template, ...]:
    try:
        archive = read_archive(text)
    except NoArchive as error:
        raise ParameterWrong("template_data", str(error)) from None
    if not archive.intact:
        raise ParameterWrong("template_data", "its digest is not that of its content: export it again")
    return archive.templates


def _told(remark: Remark) -> str:
    return f"{remark.weight} {remark.place}: {remark.message}"
