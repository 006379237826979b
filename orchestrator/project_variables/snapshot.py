"""A task keeps the variables of its project as they are at its launch, and the names of the secrets it may open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.project_secrets import ProjectSecrets
from kernel.errors import FieldProblem
from orchestrator.flow.project_secrets import named_secrets
from orchestrator.flow.project_secrets import place_of as place_of_secret
from orchestrator.flow.project_variables import named_variables, place_of
from orchestrator.project_variables.errors import SecretsGone, VariablesGone
from orchestrator.project_variables.repository import values_of


@dataclass(frozen=True, slots=True)
class Named:
    """What a definition, and the flows inside it, name of what their project keeps.

    Attributes:
        variables: with their values, those that there are.
        secrets: names, of those that there are.
        without_variables, without_secrets: a problem for each that there is none of.
    """

    variables: dict[str, Any]
    secrets: frozenset[str]
    without_variables: list[FieldProblem]
    without_secrets: list[FieldProblem]

    @property
    def missing(self) -> list[FieldProblem]:
        return [*self.without_variables, *self.without_secrets]


class ProjectSnapshots:
    def __init__(self, secrets: ProjectSecrets) -> None:
        self._secrets = secrets

    async def look(
        self,
        session: AsyncSession,
        project_id: str,
        definition: Mapping[str, Any],
        kept: Mapping[str, Any] | None = None,
    ) -> Named:
        """Args:
        project_id: the project that the task runs in, whosever the flow is.
        kept: values that an earlier task had, which its continuation keeps.
        """
        names, asked = named_variables(definition), named_secrets(definition)
        values = {**await values_of(session, project_id, names), **(kept or {})} if names else {}
        secrets = asked & await self._secrets.names(session, project_id) if asked else asked
        return Named(
            {name: values[name] for name in sorted(names & values.keys())},
            secrets,
            [_problem(place_of(name), "variable") for name in sorted(names - values.keys())],
            [_problem(place_of_secret(name), "secret") for name in sorted(asked - secrets)],
        )

    async def within(
        self,
        session: AsyncSession,
        project_id: str,
        definition: dict[str, Any],
        kept: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The definition as a task keeps it; see `look`.

        Raises:
            VariablesGone, SecretsGone: the project has not all of them.
        """
        named = await self.look(session, project_id, definition, kept)
        if named.missing:
            told = ", ".join(problem.field for problem in named.missing)
            if named.without_variables:
                raise VariablesGone(f"The project lacks variables that the flow names: {told}", fields=named.missing)
            raise SecretsGone(f"The project lacks secrets that the flow names: {told}", fields=named.missing)
        variables = {"project_variables": named.variables} if named.variables else {}
        secrets = {"project_secrets": sorted(named.secrets)} if named.secrets else {}
        return {**definition, **variables, **secrets}


def _problem(place: str, kind: str) -> FieldProblem:
    return FieldProblem(place, f"the project has no such {kind}", f"Add it to the project's {kind}s")
