"""Flows as the templates that clients of Standard OPS know."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer, Resource
from kernel.contracts.project_businesses import BusinessProject
from kernel.contracts.projects import ProjectDirectory
from kernel.principal import Principal
from orchestrator.common_flows.places import FlowPlaces
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import require_revision
from orchestrator.launch.leaving_out import without
from orchestrator.schemes.selection import optional_nodes
from orchestrator.schemes.service import Kept, SchemeService
from orchestrator.sops.errors import NotHere, ParameterWrong
from orchestrator.sops.moments import moment
from orchestrator.sops.numbers import Kind, number_of, numbers_of, subjects_of
from orchestrator.sops.places import COMMON, Places
from orchestrator.sops.schemes import scheme_name
from orchestrator.sops.templates.describing import described
from orchestrator.sops.templates.including import TemplateIncludes
from orchestrator.sops.templates.naming import named_and_other
from orchestrator.sops.templates.repository import published_flows, shared_flows
from orchestrator.sops.templates.schemas import (
    DescribedTemplate,
    DetailedScheme,
    GetTemplate,
    ListedTemplate,
    ListSchemes,
    ListTemplates,
    OfTemplate,
    Preview,
    PreviewTree,
    SchemeRow,
    SchemeVariables,
    TemplateFacts,
)
from orchestrator.sops.trees import tree_of

_ACTIONS: Final = {
    "flow_view": Action.FLOW_VIEW,
    "flow_edit": Action.FLOW_EDIT,
    "flow_create_task": Action.FLOW_LAUNCH,
}


class TemplateComponents:
    def __init__(
        self, places: Places, authorizer: Authorizer, projects: ProjectDirectory, schemes: SchemeService
    ) -> None:
        self._places = places
        self._authorizer = authorizer
        self._uses = FlowPlaces(authorizer, projects)
        self._schemes = schemes
        self._includes = TemplateIncludes(authorizer)

    async def get_template_list(
        self, session: AsyncSession, principal: Principal, asked: ListTemplates
    ) -> list[dict[str, Any]]:
        """Flows that are published; what is a draft only can't be run."""
        place = await self._places.project(session, principal, asked)
        resource = project_resource(place.project.id)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, resource)
        ids = None if asked.id_in is None else (await subjects_of(session, Kind.FLOW, asked.id_in)).values()
        if asked.template_source == COMMON:
            flows = await shared_flows(session, [place.project.id], ids, asked.name_keyword)
        else:
            flows = await published_flows(session, place.project.id, ids, asked.name_keyword)
        numbers = await numbers_of(session, Kind.FLOW, [flow.id for flow in flows])
        of_project = _of_project(place, await number_of(session, Kind.PROJECT, place.project.id))
        # What somebody may do with a single flow alone is told with that flow.
        actions = await self._actions(session, principal, resource)
        more = await self._includes.told(session, principal, flows, asked)
        if asked.include_labels and asked.template_source != COMMON:
            for flow_id, labels in (await self._includes.labels(session, place.project.id, flows)).items():
                more[flow_id]["labels"] = labels
        return [
            shown(ListedTemplate(**facts_of(flow, numbers[flow.id], actions), **of_project, **more[flow.id]))
            for flow in flows
        ]

    async def get_template_info(
        self, session: AsyncSession, principal: Principal, asked: GetTemplate
    ) -> dict[str, Any]:
        place = await self._places.project(session, principal, asked)
        flow = await self._published(session, principal, place, asked)
        project = await number_of(session, Kind.PROJECT, place.project.id)
        is_own = flow.project_id == place.project.id
        resource = flow_resource(flow.id, flow.project_id) if is_own else project_resource(place.project.id)
        facts = facts_of(flow, asked.template_id, await self._actions(session, principal, resource))
        more = (await self._includes.told(session, principal, [flow], asked))[flow.id]
        tree = await described(session, flow, asked.template_id, place.project.id, asked)
        return shown(DescribedTemplate(**facts, **_of_project(place, project), **more, **tree))

    async def get_template_schemes(
        self, session: AsyncSession, principal: Principal, asked: ListSchemes
    ) -> list[SchemeRow]:
        place = await self._places.project(session, principal, asked)
        flow = await self._published(session, principal, place, asked)
        found = await self._schemes.list_of(session, principal, flow.id, place.project.id)
        rows = [_scheme(asked.template_id, kept) for kept in found]
        if not asked.with_constants:
            return rows
        definition = (await require_revision(session, flow, None)).definition
        return [
            DetailedScheme(**row.model_dump(), detail=await _variables(session, definition, kept))
            for row, kept in zip(rows, found, strict=True)
        ]

    async def preview_task_tree(self, session: AsyncSession, principal: Principal, asked: PreviewTree) -> Preview:
        """The tree a task would have without some optional nodes."""
        place = await self._places.project(session, principal, asked)
        flow = await self._published(session, principal, place, asked)
        revision = await require_revision(session, flow, _revision(asked.version))
        tree = await tree_of(session, without(revision.definition, asked.exclude_task_nodes_id), of_task=False)
        used, unused = named_and_other(tree)
        return Preview(pipeline_tree={**tree, "constants": used}, constants_not_referred=unused)

    async def _published(
        self, session: AsyncSession, principal: Principal, place: BusinessProject, asked: OfTemplate
    ) -> FlowRow:
        flow = await self._places.template(session, place, asked.template_id, asked.template_source)
        await self._uses.find(session, principal, flow.id, Action.FLOW_VIEW, place.project.id)
        if flow.latest_revision is None:
            raise NotHere("published template", asked.template_id)
        return flow

    async def _actions(self, session: AsyncSession, principal: Principal, resource: Resource) -> list[str]:
        return [
            name
            for name, action in _ACTIONS.items()
            if await self._authorizer.allows(session, principal, action, resource)
        ]


def shown(template: TemplateFacts) -> dict[str, Any]:
    """Without what was not asked for."""
    return template.model_dump(exclude_unset=True)


def facts_of(flow: FlowRow, number: int, actions: Sequence[str]) -> dict[str, Any]:
    """A flow's `TemplateFacts`."""
    return {
        "id": number,
        "name": flow.name,
        "description": flow.description,
        "category": "Other",
        "creator": flow.created_by,
        "create_time": moment(flow.created_at),
        "editor": flow.updated_by,
        "edit_time": moment(flow.updated_at),
        "version": str(flow.latest_revision),
        "auth_actions": list(actions),
    }


def _of_project(place: BusinessProject, number: int) -> dict[str, Any]:
    return {
        "bk_biz_id": place.bk_biz_id,
        "bk_biz_name": place.project.name,
        "project_id": number,
        "project_name": place.project.name,
    }


def _scheme(number: int, kept: Kept) -> SchemeRow:
    data = json.dumps(_running(kept))
    return SchemeRow(id=scheme_name(number, kept.scheme.name), name=kept.scheme.name, data=data)


def _running(kept: Kept) -> list[str]:
    return [*kept.scheme.keep, *kept.standing.unseen]


async def _variables(session: AsyncSession, definition: Mapping[str, Any], kept: Kept) -> SchemeVariables:
    """Those that a task by the scheme names."""
    left_out = sorted(set(optional_nodes(definition)) - set(_running(kept)))
    used, _ = named_and_other(await tree_of(session, {**definition, "left_out": left_out}, of_task=False))
    return SchemeVariables(constants=used)


def _revision(version: str) -> int | None:
    if not version:
        return None
    if not version.isascii() or not version.isdecimal() or len(version) > 9:  # noqa: PLR2004
        raise ParameterWrong("version", "is the number of a revision")
    return int(version)
