"""Flows that are shared with projects, as the common templates that clients of Standard OPS know."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Authorizer
from kernel.principal import Principal
from orchestrator.sops.errors import NotHere
from orchestrator.sops.numbers import Kind, numbers_of, subject_of, subjects_of
from orchestrator.sops.places import Places
from orchestrator.sops.templates.describing import described
from orchestrator.sops.templates.including import TemplateIncludes
from orchestrator.sops.templates.repository import shared_flows
from orchestrator.sops.templates.schemas import (
    CommonTemplateDetail,
    CommonTemplateSummary,
    ListCommonTemplates,
    OfCommonTemplate,
)
from orchestrator.sops.templates.service import facts_of, shown

_ACTIONS = ("common_flow_view",)


class CommonTemplateComponents:
    """Seen by whoever may see a project that they are shared with."""

    def __init__(self, places: Places, authorizer: Authorizer) -> None:
        self._places = places
        self._includes = TemplateIncludes(authorizer)

    async def get_common_template_list(
        self, session: AsyncSession, principal: Principal, asked: ListCommonTemplates
    ) -> list[dict[str, Any]]:
        ids = None if asked.id_in is None else (await subjects_of(session, Kind.FLOW, asked.id_in)).values()
        flows = await shared_flows(session, await self._projects(session, principal), ids, asked.name_keyword)
        numbers = await numbers_of(session, Kind.FLOW, [flow.id for flow in flows])
        more = await self._includes.told(session, principal, flows, asked)
        return [
            shown(CommonTemplateSummary(**facts_of(flow, numbers[flow.id], _ACTIONS), **more[flow.id]))
            for flow in flows
        ]

    async def get_common_template_info(
        self, session: AsyncSession, principal: Principal, asked: OfCommonTemplate
    ) -> dict[str, Any]:
        flow_id = await subject_of(session, Kind.FLOW, asked.template_id) or ""
        projects = await self._projects(session, principal)
        found = await shared_flows(session, projects, [flow_id], "")
        if not found:
            raise NotHere("common template", asked.template_id)
        facts = facts_of(found[0], asked.template_id, _ACTIONS)
        more = (await self._includes.told(session, principal, found, asked))[flow_id]
        tree = await described(session, found[0], asked.template_id, found[0].project_id, asked)
        return shown(CommonTemplateDetail(**facts, **more, **tree))

    async def _projects(self, session: AsyncSession, principal: Principal) -> list[str]:
        return [each.project.id for each in await self._places.visible(session, principal)]
