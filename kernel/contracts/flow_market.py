"""Flows as items of the catalogue: packages are the marketplace's, what is in them the orchestrator's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem
from kernel.principal import Principal
from kernel.wording import Said


@dataclass(frozen=True, slots=True)
class FlowPackage:
    """A published version whose package is a flow.

    Attributes:
        document: see `docs/reference/plugin-package.md`.
        plugins: code → range of versions that nodes may run.
        secrets: names of those that a project must have.
        withdrawn: why it is not taken anew any more; none where it is.
    """

    code: str
    version: str
    digest: str
    name: Mapping[str, str]
    document: Mapping[str, Any]
    plugins: Mapping[str, str]
    secrets: Sequence[str]
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class FlowWish:
    """A flow that is to become a version.

    Attributes:
        name, description: in English and Chinese, by `en` and `zh`.
        form: its launch form with `schema`, `uischema` and `i18n`; `outputs` the names of its outputs.
        channel: none for the usual one.
    """

    code: str
    version: str
    publisher: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    tags: Sequence[str]
    readme: str
    changelog: str
    document: Mapping[str, Any]
    form: Mapping[str, Any]
    outputs: Sequence[str]
    plugins: Mapping[str, str]
    secrets: Sequence[str]
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedFlow:
    """Attributes:
    outcome: published, unchanged, or waiting for somebody to approve it.
    reasons: why it waits.
    """

    outcome: str
    digest: str
    reasons: Sequence[Said] = ()


class FlowMarket(Protocol):
    async def get(self, session: AsyncSession, code: str, version: str) -> FlowPackage:
        """Raises NotFound: no such version, or none that is a flow."""
        ...

    async def publish(self, session: AsyncSession, principal: Principal, wish: FlowWish) -> PublishedFlow:
        """Raises PermissionDenied, Invalid and Conflict, as the publication of any package does."""
        ...

    async def pack(self, wish: FlowWish) -> bytes:
        """The package that `publish` would make a version of, to be signed by its publisher; publishes nothing.

        Raises Invalid, as `publish` does for what is no package at all.
        """
        ...

    async def note_taken(self, session: AsyncSession, project_id: str, code: str) -> None:
        """The project has the flow now, in whatever version: it counts as an install does."""
        ...

    async def fitting(self, session: AsyncSession, plugin: str, versions: str) -> str | None:
        """The highest version of a plugin that is offered and lies in the range."""
        ...

    def highest(self, versions: str, among: Collection[str]) -> str | None:
        """The highest that lies in the range."""
        ...


class FlowDefinitions(Protocol):
    def problems(self, document: Mapping[str, Any]) -> list[FieldProblem]:
        """Why the flows of a package can't be read; empty where they can."""
        ...


class NoFlowDefinitions:
    """For a process without an orchestrator."""

    def problems(self, document: Mapping[str, Any]) -> list[FieldProblem]:  # noqa: ARG002
        return []
