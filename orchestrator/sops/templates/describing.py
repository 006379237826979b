"""One template with its tree and what else a client asks for."""

import asyncio
from collections.abc import Mapping
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.flow.blueking.archive import Template
from orchestrator.flow.blueking.export.yaml_flow import write_yaml_flow
from orchestrator.flows.composition import compose
from orchestrator.flows.models import FlowRow
from orchestrator.flows.service import require_revision
from orchestrator.sops.templates.naming import constants_named
from orchestrator.sops.templates.repository import latest_revisions
from orchestrator.sops.templates.schemas import AsksTree, NamedConstant
from orchestrator.sops.trees import tree_of


async def described(
    session: AsyncSession, flow: FlowRow, number: int, project_id: str, asked: AsksTree
) -> dict[str, Any]:
    """The tree of the latest revision, and what stands beside it.

    Args:
        number: of the flow.
        project_id: where it would run.

    Raises:
        Unnumbered: a flow that is run inside has no number yet.
    """
    definition = (await require_revision(session, flow, None)).definition
    drawn = definition
    if asked.unfold_subprocess:
        drawn = (await compose(session, project_id, flow.id, definition, flow.project_id)).definition
    tree = await tree_of(session, drawn, of_task=False)
    told: dict[str, Any] = {"pipeline_tree": tree}
    if asked.format == "yaml":
        executor = definition.get("executor", "")
        plain = await tree_of(session, definition, of_task=False)
        template = Template(str(number), flow.name, flow.description, plain, executor=executor)
        told["pipeline_tree"] = await asyncio.to_thread(_yaml, template)
    if asked.include_subprocess:
        told |= await _subprocesses(session, definition)
    if asked.include_constants:
        told["template_constants"] = [NamedConstant(**each) for each in constants_named(tree)]
    return told


async def _subprocesses(session: AsyncSession, definition: Mapping[str, Any]) -> dict[str, bool]:
    called = {(node["flow"], node.get("revision")) for node in definition["nodes"] if "flow" in node}
    latest = await latest_revisions(session, [flow for flow, _ in called])
    newer = any(revision is not None and latest.get(flow, revision) > revision for flow, revision in called)
    return {"has_subprocess": bool(called), "subprocess_has_update": newer}


def _yaml(template: Template) -> str:
    return yaml.safe_dump(write_yaml_flow(template), allow_unicode=True, sort_keys=False)
