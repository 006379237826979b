"""What a flow needs to be published: no broken rule, and plugins installed in its project."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.plugin_directory import InstalledPlugin, PluginDirectory
from kernel.forms.check import form_problems
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import DecisionNode, Flow, PluginNode
from orchestrator.flow.problems import Problem
from orchestrator.flows.errors import FlowRefused
from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, may_run, validate

Installed = Mapping[tuple[str, str], InstalledPlugin]


@dataclass(frozen=True, slots=True)
class Checked:
    """Attributes:
    scopes: the union of what the plugins used need.
    plugins: the versions used, by code.
    """

    scopes: frozenset[str]
    plugins: Mapping[str, frozenset[str]]


class Publication:
    """Checks flows against the plugins of their project."""

    def __init__(self, plugins: PluginDirectory) -> None:
        self._plugins = plugins

    async def problems(self, session: AsyncSession, project_id: str, flow: Flow) -> list[Problem]:
        """Broken rules and advice."""
        return await self._problems(flow, await self.installed(session, project_id))

    async def check(self, session: AsyncSession, project_id: str, flow: Flow) -> Checked:
        """Raises:
        FlowRefused: with every broken rule.
        """
        installed = await self.installed(session, project_id)
        problems = await self._problems(flow, installed)
        if not may_run(problems):
            raise FlowRefused.because_of(problem for problem in problems if problem.blocking)
        return used_plugins(flow, installed)

    async def installed(self, session: AsyncSession, project_id: str) -> Installed:
        found = await self._plugins.installed(session, project_id)
        return {(plugin.code, plugin.version): plugin for plugin in found}

    @staticmethod
    async def _problems(flow: Flow, installed: Installed) -> list[Problem]:
        known = {key: KnownPlugin(plugin.inputs, plugin.outputs) for key, plugin in installed.items()}
        # In a thread: a flow of thousands of nodes takes long enough to hold up other requests.
        return await asyncio.to_thread(_all_problems, flow, Surroundings(known))


def _all_problems(flow: Flow, surroundings: Surroundings) -> list[Problem]:
    found = validate(Graph(flow), surroundings)
    if flow.form is not None:
        found += _form_problems(flow.form, None)
    for node in flow.nodes:
        if isinstance(node, DecisionNode) and node.form is not None:
            found += _form_problems(node.form, node.id)
    if flow.left_out:
        found.append(Problem("left_out", "only a task leaves nodes out", "remove it", field="left_out"))
    return found


def _form_problems(form: Mapping[str, Any], node: str | None) -> list[Problem]:
    return [Problem("form", found.problem, found.remedy, node, field=found.field) for found in form_problems(form)]


def used_plugins(flow: Flow, installed: Installed) -> Checked:
    scopes: frozenset[str] = frozenset()
    plugins: dict[str, frozenset[str]] = {}
    for node in flow.nodes:
        if isinstance(node, PluginNode):
            scopes |= installed[node.plugin, node.version].scopes
            plugins[node.plugin] = plugins.get(node.plugin, frozenset()) | {node.version}
    return Checked(scopes, plugins)
