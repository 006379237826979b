"""Flows that are shared with projects, as the common templates that clients of Standard OPS know."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.flows.service import require_revision
from orchestrator.sops.errors import NotHere
from orchestrator.sops.numbers import Kind, numbers_of, subject_of, subjects_of
from orchestrator.sops.places import Places
from orchestrator.sops.templates.repository import shared_flows
from orchestrator.sops.templates.schemas import (
    CommonTemplateDetail,
    CommonTemplateSummary,
    ListCommonTemplates,
    OfCommonTemplate,
)
from orchestrator.sops.templates.service import facts_of
from orchestrator.sops.trees import tree_of

_ACTIONS = ("common_flow_view",)


class CommonTemplateComponents:
    """Seen by whoever may see a project that they are shared with."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def get_common_template_list(
        self, session: AsyncSession, principal: Principal, asked: ListCommonTemplates
    ) -> list[CommonTemplateSummary]:
        ids = None if asked.id_in is None else (await subjects_of(session, Kind.FLOW, asked.id_in)).values()
        flows = await shared_flows(session, await self._projects(session, principal), ids, asked.name_keyword)
        numbers = await numbers_of(session, Kind.FLOW, [flow.id for flow in flows])
        return [
            CommonTemplateSummary(**facts_of(flow, numbers[flow.id], _ACTIONS), description=flow.description)
            for flow in flows
        ]

    async def get_common_template_info(
        self, session: AsyncSession, principal: Principal, asked: OfCommonTemplate
    ) -> CommonTemplateDetail:
        flow_id = await subject_of(session, Kind.FLOW, asked.template_id) or ""
        found = await shared_flows(session, await self._projects(session, principal), [flow_id], "")
        if not found:
            raise NotHere("common template", asked.template_id)
        tree = await tree_of(session, (await require_revision(session, found[0], None)).definition)
        facts = facts_of(found[0], asked.template_id, _ACTIONS)
        return CommonTemplateDetail(**facts, description=found[0].description, pipeline_tree=tree)

    async def _projects(self, session: AsyncSession, principal: Principal) -> list[str]:
        return [each.project.id for each in await self._places.visible(session, principal)]
