"""Flows copied within a project and into another, with what they lack there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.flow.document import read_flow
from orchestrator.flow.model import NodeKind
from orchestrator.flow.project_secrets import secret_uses
from orchestrator.flow.project_variables import variable_uses
from orchestrator.flows.models import FlowRow
from orchestrator.flows.publication import Installed, Publication
from orchestrator.flows.repository import find_flow
from orchestrator.flows.service import FlowService
from orchestrator.project_variables.repository import names_of

_CALLING = frozenset({NodeKind.SUBFLOW, NodeKind.MAP})


class Lack(StrEnum):
    """What of a flow need not be where its copy is."""

    PLUGIN = "plugin"
    SUBFLOW = "subflow"
    SECRET = "secret"  # noqa: S105  a kind of thing
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something a copy names that its project has not; of secrets, that it must have.

    Attributes:
        name: plugin and version, a flow's name, or that of a secret or of a variable of the project.
        nodes: those that need it; none where the flow's outputs do.
    """

    kind: Lack
    name: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    flow: FlowRow
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class CopyWish:
    """Attributes:
    project: id or code of the project that gets it; none for the flow's own.
    revision: none for the draft.
    """

    name: str
    project: str | None = None
    revision: int | None = None


class CopyService:
    """Reads and writes through `FlowService`, which checks the caller's rights on both sides."""

    def __init__(self, flows: FlowService, publication: Publication) -> None:
        self._flows = flows
        self._publication = publication

    async def copy(self, session: AsyncSession, principal: Principal, flow_id: str, wish: CopyWish) -> Copied:
        """A new flow whose draft is that of the other, or one of its revisions; it is published by hand.

        Raises:
            NotFound: no such project or revision.
        """
        source = await self._flows.get(session, principal, flow_id)
        definition: Mapping[str, Any] = source.draft
        if wish.revision is not None:
            definition = (await self._flows.get_revision(session, principal, flow_id, wish.revision)).definition
        project = wish.project or source.project_id
        made = await self._flows.create(
            session, principal, project, wish.name, source.description, copied_from=source.id
        )
        saved = await self._flows.save_draft(session, principal, made.id, definition, made.draft_version)
        if saved.project_id == source.project_id:
            return Copied(saved, ())
        return Copied(saved, tuple(await self._missing(session, source, saved, definition)))

    async def _missing(
        self, session: AsyncSession, source: FlowRow, copy: FlowRow, definition: Mapping[str, Any]
    ) -> list[Missing]:
        there = await self._publication.installed(session, copy.project_id)
        here = await self._publication.installed(session, source.project_id)
        named: dict[tuple[Lack, str], list[str]] = {}
        for kind, name, node in _needs(definition, here):
            if kind is Lack.PLUGIN and name in {f"{code} {version}" for code, version in there}:
                continue
            named.setdefault((kind, name), []).append(node)
        read, variables = read_flow(definition), await names_of(session, copy.project_id)
        used = [(Lack.SECRET, name, use) for name, use in secret_uses(read)]
        used += [(Lack.VARIABLE, name, use) for name, use in variable_uses(read) if name not in variables]
        for kind, name, use in used:
            nodes = named.setdefault((kind, name), [])
            nodes += [use.node_id] if use.node_id is not None and use.node_id not in nodes else []
        found = [Missing(kind, name, tuple(nodes)) for (kind, name), nodes in sorted(named.items())]
        return [await self._with_name(session, each) for each in found]

    @staticmethod
    async def _with_name(session: AsyncSession, missing: Missing) -> Missing:
        flow = await find_flow(session, missing.name) if missing.kind is Lack.SUBFLOW else None
        return missing if flow is None else Missing(missing.kind, flow.name, missing.nodes)


def _needs(definition: Mapping[str, Any], installed: Installed) -> Iterator[tuple[Lack, str, str]]:
    """What nodes name that belongs to a project, with the node."""
    for node in definition["nodes"]:
        if node["kind"] in _CALLING:
            yield Lack.SUBFLOW, node["flow"], node["id"]
        if node["kind"] != NodeKind.PLUGIN:
            continue
        yield Lack.PLUGIN, f"{node['plugin']} {node['version']}", node["id"]
        plugin = installed.get((node["plugin"], node["version"]))
        properties = plugin.inputs.get("properties", {}) if plugin is not None else {}
        for name, value in (node.get("inputs") or {}).items():
            if properties.get(name, {}).get("writeOnly") is True and isinstance(value, str) and "${" not in value:
                yield Lack.SECRET, value, node["id"]
