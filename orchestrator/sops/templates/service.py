"""Flows as the templates that clients of Standard OPS know."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Action, Authorizer, Resource
from kernel.contracts.project_businesses import BusinessProject
from kernel.contracts.projects import ProjectDirectory
from kernel.principal import Principal
from orchestrator.common_flows.places import FlowPlaces
from orchestrator.flow.blueking.archive import Template
from orchestrator.flow.blueking.export.yaml_flow import write_yaml_flow
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import flow_resource, project_resource
from orchestrator.flows.service import require_revision
from orchestrator.launch.leaving_out import without
from orchestrator.schemes.service import SchemeService
from orchestrator.sops.errors import NotHere, ParameterWrong
from orchestrator.sops.moments import moment
from orchestrator.sops.numbers import Kind, number_of, numbers_of, subjects_of
from orchestrator.sops.places import COMMON, Places
from orchestrator.sops.schemes import scheme_name
from orchestrator.sops.templates.repository import published_flows, shared_flows
from orchestrator.sops.templates.schemas import (
    GetTemplate,
    ListTemplates,
    OfTemplate,
    Preview,
    PreviewTree,
    SchemeRow,
    TemplateDetail,
    TemplateSummary,
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

    async def get_template_list(
        self, session: AsyncSession, principal: Principal, asked: ListTemplates
    ) -> list[TemplateSummary]:
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
        project = await number_of(session, Kind.PROJECT, place.project.id)
        # What somebody may do with a single flow alone is told with that flow.
        actions = await self._actions(session, principal, resource)
        return [
            TemplateSummary(**facts_of(flow, numbers[flow.id], actions), **_of_project(place, project))
            for flow in flows
        ]

    async def get_template_info(
        self, session: AsyncSession, principal: Principal, asked: GetTemplate
    ) -> TemplateDetail:
        place = await self._places.project(session, principal, asked)
        flow = await self._published(session, principal, place, asked)
        revision = await require_revision(session, flow, None)
        tree = await tree_of(session, revision.definition)
        written = await asyncio.to_thread(_yaml, flow, asked.template_id, tree) if asked.format == "yaml" else tree
        project = await number_of(session, Kind.PROJECT, place.project.id)
        is_own = flow.project_id == place.project.id
        resource = flow_resource(flow.id, flow.project_id) if is_own else project_resource(place.project.id)
        facts = facts_of(flow, asked.template_id, await self._actions(session, principal, resource))
        return TemplateDetail(
            **facts, **_of_project(place, project), description=flow.description, pipeline_tree=written
        )

    async def get_template_schemes(
        self, session: AsyncSession, principal: Principal, asked: OfTemplate
    ) -> list[SchemeRow]:
        place = await self._places.project(session, principal, asked)
        flow = await self._published(session, principal, place, asked)
        return [
            SchemeRow(
                id=scheme_name(asked.template_id, kept.scheme.name),
                name=kept.scheme.name,
                data=json.dumps([*kept.scheme.keep, *kept.standing.unseen]),
            )
            for kept in await self._schemes.list_of(session, principal, flow.id, place.project.id)
        ]

    async def preview_task_tree(self, session: AsyncSession, principal: Principal, asked: PreviewTree) -> Preview:
        """The tree a task would have without some optional nodes."""
        place = await self._places.project(session, principal, asked)
        flow = await self._published(session, principal, place, asked)
        revision = await require_revision(session, flow, _revision(asked.version))
        tree = await tree_of(session, without(revision.definition, asked.exclude_task_nodes_id))
        named = _texts({"activities": tree["activities"], "gateways": tree["gateways"]})
        unused = {
            key: constant
            for key, constant in tree["constants"].items()
            if not any(f"${{{key[2:-1]}" in text for text in named) and key not in tree["outputs"]
        }
        used = {key: constant for key, constant in tree["constants"].items() if key not in unused}
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


def facts_of(flow: FlowRow, number: int, actions: Sequence[str]) -> dict[str, Any]:
    """A flow's `TemplateFacts`."""
    return {
        "id": number,
        "name": flow.name,
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


def _yaml(flow: FlowRow, number: int, tree: Mapping[str, Any]) -> str:
    document = write_yaml_flow(Template(str(number), flow.name, flow.description, tree))
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def _revision(version: str) -> int | None:
    if not version:
        return None
    if not version.isascii() or not version.isdecimal() or len(version) > 9:  # noqa: PLR2004
        raise ParameterWrong("version", "is the number of a revision")
    return int(version)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []
