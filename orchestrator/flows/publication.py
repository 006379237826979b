"""What a flow needs to be published: no broken rule, and plugins installed in its project."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.plugin_directory import InstalledPlugin, PluginDirectory
from kernel.contracts.project_secrets import ProjectSecrets
from kernel.forms.check import form_problems
from kernel.forms.secrets import secret_problems
from orchestrator.flow.document import write_flow
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DecisionNode, Flow, PluginNode
from orchestrator.flow.problems import Problem
from orchestrator.flow.project_secrets import named_secrets
from orchestrator.flow.project_secrets import place_of as place_of_secret
from orchestrator.flow.project_variables import named_variables, place_of
from orchestrator.flows.composition import Call, Composition, compose
from orchestrator.flows.errors import FlowRefused
from orchestrator.flows.repository import find_flow
from orchestrator.project_variables.repository import names_of
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, may_run, validate
from orchestrator.validation.subflows import NOTHING_ASKED, KnownSubflow

_NOTHING: Final[Mapping[str, Any]] = {"nodes": [], "edges": []}
Installed = Mapping[tuple[str, str], InstalledPlugin]


@dataclass(frozen=True, slots=True)
class Checked:
    """Attributes:
    scopes: the union of what the plugins used need.
    plugins: the versions used, by code.
    """

    scopes: frozenset[str]
    plugins: Mapping[str, frozenset[str]]

    def __or__(self, other: "Checked") -> "Checked":
        codes = self.plugins.keys() | other.plugins.keys()
        none: frozenset[str] = frozenset()
        plugins = {code: self.plugins.get(code, none) | other.plugins.get(code, none) for code in codes}
        return Checked(self.scopes | other.scopes, plugins)


class Publication:
    """Checks flows against the plugins, the variables and the secrets of their project."""

    def __init__(self, plugins: PluginDirectory, secrets: ProjectSecrets) -> None:
        self._plugins = plugins
        self._secrets = secrets

    async def problems(
        self,
        session: AsyncSession,
        project_id: str,
        flow_id: str,
        definition: Flow,
        also: InstalledPlugin | None = None,
    ) -> list[Problem]:
        """Broken rules and advice.

        Args:
            also: a plugin version looked at as if it were installed.
        """
        return (await self._look(session, project_id, flow_id, definition, also)).problems

    async def check(self, session: AsyncSession, project_id: str, flow_id: str, definition: Flow) -> Checked:
        """Raises:
        FlowRefused: with every broken rule.
        """
        looked = await self._look(session, project_id, flow_id, definition)
        if not may_run(looked.problems):
            raise FlowRefused.because_of(problem for problem in looked.problems if problem.blocking)
        return used_plugins(definition, looked.installed) | used_inside(looked.composition)

    async def installed(self, session: AsyncSession, project_id: str) -> Installed:
        found = await self._plugins.installed(session, project_id)
        return {(plugin.code, plugin.version): plugin for plugin in found}

    async def _look(
        self,
        session: AsyncSession,
        project_id: str,
        flow_id: str,
        definition: Flow,
        also: InstalledPlugin | None = None,
    ) -> "_Looked":
        installed = await self.installed(session, project_id)
        if also is not None:
            installed = {**installed, (also.code, also.version): also}
        composition = await compose(session, project_id, flow_id, write_flow(definition))
        plugins = {key: KnownPlugin(plugin.inputs, plugin.outputs, plugin.refusal) for key, plugin in installed.items()}
        named = _Named(await names_of(session, project_id), await self._secrets.names(session, project_id))
        lacking = await _lacking(session, composition, installed)
        lacking |= await _without_named(session, composition, named)
        surroundings = Surroundings(plugins, _known(composition, lacking), named.variables, named.secrets)
        # In a thread: a flow of thousands of nodes takes long enough to hold up other requests.
        problems = await asyncio.to_thread(_all_problems, definition, surroundings)
        return _Looked(problems, installed, composition)


@dataclass(frozen=True, slots=True)
class _Looked:
    problems: list[Problem]
    installed: Installed
    composition: Composition


async def _lacking(session: AsyncSession, composition: Composition, installed: Installed) -> dict[Call, str]:
    """Calls of another project's flows that need what this project has not."""
    lacking: dict[Call, str] = {}
    for call, row in composition.called.items():
        if row.flow_id not in composition.foreign:
            continue
        wanted = {(code, version) for code, versions in row.plugins.items() for version in versions}
        gone = sorted(f"{code} {version}" for code, version in wanted - installed.keys())
        if gone:
            flow = await find_flow(session, row.flow_id)
            name = flow.name if flow is not None else row.flow_id
            lacking[call] = f"the flow {name!r} needs {', '.join(gone)}, which the project has not installed"
    return lacking


@dataclass(frozen=True, slots=True)
class _Named:
    """Names of what a project keeps for its flows."""

    variables: frozenset[str]
    secrets: frozenset[str]

    def lacking(self, definition: Mapping[str, Any]) -> list[str]:
        """What a definition names of it, and the project has not."""
        variables = map(place_of, sorted(named_variables(definition) - self.variables))
        return [*variables, *map(place_of_secret, sorted(named_secrets(definition) - self.secrets))]


async def _without_named(session: AsyncSession, composition: Composition, named: _Named) -> dict[Call, str]:
    """Calls of flows that name, themselves or in a flow inside, variables or secrets which this project has not."""
    lacking: dict[Call, str] = {}
    subflows: Mapping[str, Any] = composition.definition.get("subflows") or {}
    for call, row in composition.called.items() if subflows else ():
        inside = dict(_inside(f"{row.flow_id}@{row.number}", subflows))
        gone = ", ".join(named.lacking({**_NOTHING, "subflows": inside}))
        if gone:
            flow = await find_flow(session, row.flow_id)
            name = flow.name if flow is not None else row.flow_id
            lacking[call] = f"the flow {name!r} names {gone}, which the project has not"
    return lacking


def _inside(key: str, subflows: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A flow and those inside it."""
    definition = subflows[key]
    yield key, definition
    for node in definition["nodes"]:
        if "flow" in node:
            yield from _inside(f"{node['flow']}@{node['revision']}", subflows)


def _known(composition: Composition, lacking: Mapping[Call, str]) -> dict[Call, KnownSubflow]:
    known = {
        call: KnownSubflow((row.definition.get("form") or {}).get("schema", NOTHING_ASKED))
        for call, row in composition.called.items()
    }
    problems = {**lacking, **composition.problems}
    return known | {call: KnownSubflow(problem=problem) for call, problem in problems.items()}


def _all_problems(flow: Flow, surroundings: Surroundings) -> list[Problem]:
    found = validate(Graph(flow), surroundings)
    if flow.form is not None:
        found += _form_problems(flow.form, None)
    for node in flow.nodes:
        if isinstance(node, DecisionNode) and node.form is not None:
            found += _form_problems(node.form, node.id)
    return found


def _form_problems(form: Mapping[str, Any], node: str | None) -> list[Problem]:
    problems = form_problems(form) or secret_problems(form["schema"], "form.schema")
    return [Problem.of("form", found, node) for found in problems]


def used_plugins(flow: Flow, installed: Installed) -> Checked:
    scopes: frozenset[str] = frozenset()
    plugins: dict[str, frozenset[str]] = {}
    for node in flow.nodes:
        if isinstance(node, PluginNode):
            scopes |= installed[node.plugin, node.version].scopes
            plugins[node.plugin] = plugins.get(node.plugin, frozenset()) | {node.version}
    return Checked(scopes, plugins)


def used_inside(composition: Composition) -> Checked:
    """What the flows inside use, as it was when they were published."""
    used = Checked(frozenset(), {})
    for row in composition.revisions:
        used |= Checked(frozenset(row.scopes), {code: frozenset(versions) for code, versions in row.plugins.items()})
    return used
