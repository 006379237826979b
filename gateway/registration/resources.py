"""The components of a registered gateway: resources.yaml into its draft, and the documents people read beside it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gateway.registration.doc_archive import ResourceDoc, read_archive
from gateway.registry.component_checks import component_problems, set_problems
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.filling import draft_of, fill_draft, merged
from gateway.registry.drafts.service import MOST_COMPONENTS
from gateway.registry.importers.definitions import ImportedDocument
from gateway.registry.importers.openapi import import_openapi
from gateway.registry.importers.service import Docs, documented
from gateway.registry.managed_systems import ManagedSystems
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import FieldProblem, Invalid
from kernel.principal import Principal
from kernel.yaml_text import Unreadable, read_yaml


@dataclass(frozen=True, slots=True)
class SyncedResources:
    """Names of components."""

    added: Sequence[str]
    updated: Sequence[str]
    deleted: Sequence[str]


class ResourceRegistration:
    def __init__(self, systems: ManagedSystems, clock: Clock) -> None:
        self._systems = systems
        self._clock = clock

    async def sync(
        self, database: Database, principal: Principal, system: str, content: str, *, delete: bool
    ) -> SyncedResources:
        """Reads a resources.yaml into the draft; nothing serves it before a version is made and released.

        Args:
            delete: components it doesn't name go.

        Raises:
            Invalid: naming each wrong place of the document.
            NotFound, PermissionDenied
        """
        async with database.reading() as session:
            await self._systems.managed(session, principal, system)
        document = await asyncio.to_thread(_import, content, system)
        if document.problems:
            shown = "; ".join(f"{each.field}: {each.problem}" for each in document.problems[:5])
            raise Invalid(f"The resources can't be imported: {shown}", code="bad_document", fields=document.problems)
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, system)
            before = await draft_of(session, system)
            components = merged(before, document, keep_others=not delete)
            await asyncio.to_thread(_check, components, system)
            await fill_draft(session, principal, system, components, self._clock.now())
        old, new = {each.name for each in before}, {each.name for each in components}
        named = [component.name for component in document.components]
        return SyncedResources(
            added=[name for name in named if name not in old],
            updated=[name for name in named if name in old],
            deleted=sorted(old - new),
        )

    async def put_docs(self, database: Database, principal: Principal, system: str, archive: bytes) -> int:
        """Puts the Markdown of an archive beside the draft's components; answers how many documents were taken.

        Raises:
            Invalid: no archive of that kind, or no document in it belongs to a component.
            NotFound, PermissionDenied
        """
        docs = await asyncio.to_thread(read_archive, archive)
        async with database.unit_of_work() as session:
            await self._systems.lock(session, principal, system)
            components = await draft_of(session, system)
            names = {component.name for component in components}
            taken = [doc for doc in docs if doc.resource in names]
            if not taken:
                raise Invalid.field(
                    "file", "has no document of a component", "Put zh/<resource>.md or en/<resource>.md into it"
                )
            by_language = _by_language(taken)
            written = [documented(component, by_language) for component in components]
            await fill_draft(session, principal, system, written, self._clock.now())
        return len(taken)


def _import(content: str, system: str) -> ImportedDocument:
    try:
        return import_openapi(read_yaml(content), system)
    except Unreadable as error:
        return ImportedDocument(problems=(FieldProblem("content", str(error), "Send a resources.yaml"),))


def _check(components: Sequence[ComponentDefinition], system: str) -> None:
    if len(components) > MOST_COMPONENTS:
        raise Invalid.field("content", f"would make {len(components)} components", f"Keep to {MOST_COMPONENTS}")
    problems = [
        *set_problems(components),
        *(
            replace(problem, field=f"{component.name}.{problem.field}")
            for component in components
            for problem in component_problems(component, system)
        ),
    ]
    if problems:
        shown = "; ".join(f"{each.field}: {each.problem}" for each in problems[:5])
        raise Invalid(f"The resources can't be served: {shown}", fields=problems)


def _by_language(docs: Iterable[ResourceDoc]) -> Docs:
    found: dict[str, dict[str, str]] = {}
    for doc in docs:
        found.setdefault(doc.language, {})[doc.resource] = doc.text
    return found
