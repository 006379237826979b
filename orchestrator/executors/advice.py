"""What a draft's nodes would lack if they ran now: advice, since consent may come after the publication."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.executors import repository
from orchestrator.executors.admission import Consents
from orchestrator.executors.judging import ConsentLack, Refusal, told
from orchestrator.flow.document import read_flow
from orchestrator.flow.executors import Standing, acting_nodes, executor_of, names_in, standing_inside
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import NotifyNode, PluginNode
from orchestrator.flow.problems import Problem
from orchestrator.flows.composition import compose
from orchestrator.flows.publication import Publication
from orchestrator.notices.sending import NOTIFY

MAX_ADVICE = 50

_Asked = tuple[str, Standing]
Scopes = Mapping[tuple[str, str], frozenset[str]]
"""What plugins call, by code and version."""


class ConsentAdvisor:
    def __init__(self, consents: Consents, publication: Publication) -> None:
        self._consents = consents
        self._publication = publication

    async def advice(
        self,
        session: AsyncSession,
        project_id: str,
        definition: Mapping[str, Any],
        outermost: Standing,
        launcher: str = "",
    ) -> list[Problem]:
        """One for each node that names somebody, or for which its flow or project does, without his consent to it.

        Args:
            outermost: the revision that the definition is, or would be.
            launcher: who needs no consent, if that is known.
        """
        of_project = await repository.project_executor(session, project_id)
        composition = await compose(session, project_id, outermost.flow_id, definition)
        if not of_project and not names_in(composition.definition):
            return []
        graph = Graph(read_flow({**composition.definition, "project_executor": of_project}))
        installed = await self._publication.installed(session, project_id)
        scopes = {key: plugin.scopes for key, plugin in installed.items()}
        asked = (each for each in _asked(graph, outermost) if each[1][0] != launcher)
        return await self._lacking(session, project_id, graph, asked, scopes)

    async def _lacking(
        self, session: AsyncSession, project_id: str, graph: Graph, asking: Iterable[tuple[str, _Asked]], scopes: Scopes
    ) -> list[Problem]:
        covered: dict[_Asked, frozenset[str] | Refusal] = {}
        found: list[Problem] = []
        for path, asked in asking:
            if asked not in covered:
                covered[asked] = await self._consents.covering(session, project_id, *asked)
            refusal = _refusal(covered[asked], _needed(graph, path, scopes))
            if refusal is not None:
                found.append(await _problem(session, path, asked, refusal))
            if len(found) == MAX_ADVICE:
                break
        return found


def _asked(graph: Graph, outermost: Standing) -> Iterator[tuple[str, _Asked]]:
    for path in acting_nodes(graph):
        executor = executor_of(graph, path, "")
        if executor:
            yield path, (executor, standing_inside(graph, path) or outermost)


def _needed(graph: Graph, path: str, scopes: Scopes) -> frozenset[str]:
    match graph.nodes[path]:
        case PluginNode() as node:
            return scopes.get((node.plugin, node.version), frozenset())
        case NotifyNode():
            return frozenset({NOTIFY})
        case _:
            return frozenset()


def _refusal(covered: frozenset[str] | Refusal, needed: frozenset[str]) -> Refusal | None:
    if isinstance(covered, Refusal):
        return covered
    return Refusal(ConsentLack.SCOPES, scopes=needed - covered) if needed - covered else None


async def _problem(session: AsyncSession, path: str, asked: _Asked, refusal: Refusal) -> Problem:
    username, standing = asked
    names = await repository.flow_names(session, [standing.flow_id])
    said, _, remedy = told(refusal, username, names.get(standing.flow_id, "")).partition("; ")
    node, _, inside = path.partition(".")
    message = f"is to call as {username}: {said}" if not inside else f"runs {inside}, to call as {username}: {said}"
    return Problem("consent", message, remedy, node, field="executor", blocking=False)
