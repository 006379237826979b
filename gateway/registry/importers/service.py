"""Registering a system by a document, and again whenever the document changes."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.component_checks import set_problems
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.filling import draft_of, fill_draft, merged
from gateway.registry.importers.definitions import ImportedDocument
from gateway.registry.importers.fetcher import DocumentFetcher
from gateway.registry.importers.openapi import import_openapi
from gateway.registry.importers.templates import read_template
from gateway.registry.models import Release
from gateway.registry.releases.versions import parse, stepped, text_of
from gateway.registry.releases.writer import digest_of, write_release
from gateway.registry.repository import PROD, find_stage, newest_release
from gateway.registry.shards import system_document
from gateway.registry.system_registration import PreparedSystem, SystemOrder, SystemRegistration
from gateway.snapshot.publisher import SnapshotPublisher
from gateway.snapshot.repository import shard_revision
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import FieldProblem, Invalid
from kernel.principal import Principal
from kernel.yaml_text import Unreadable

FIRST_VERSION = "1.0.0"

Docs = Mapping[str, Mapping[str, str]]
"""Language → component → Markdown."""


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """Where the document is: one of the three.

    Attributes:
        variables: `settings.NAME` and `environ.NAME` in a text, by name.
    """

    document: Any = None
    text: str | None = None
    url: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def field(self) -> str:
        """Of the call's body."""
        if self.text is not None:
            return "document_text"
        return "document" if self.url is None else "document_url"


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What to import.

    Attributes:
        releases: makes a release and has stage `prod` serve it; otherwise only the draft is filled.
        keep_others: components of the draft that the document doesn't name stay.
    """

    source: DocumentSource
    system: SystemOrder
    docs: Docs = field(default_factory=dict)
    releases: bool = True
    keep_others: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Attributes:
    release: what stage `prod` serves now; none when nothing was released.
    revision: at which the result is live.
    notes: what the document asks for that was not done.
    """

    system: str
    release: str | None
    stage: str
    components: int
    revision: int
    notes: tuple[FieldProblem, ...]


class ImportService:
    def __init__(
        self, registration: SystemRegistration, publisher: SnapshotPublisher, fetcher: DocumentFetcher, clock: Clock
    ) -> None:
        self._registration = registration
        self._publisher = publisher
        self._fetcher = fetcher
        self._clock = clock

    async def run(self, database: Database, principal: Principal, order: ImportOrder) -> ImportResult:
        """Reads the document into the draft, makes a release of it unless it is the newest one's equal, activates it.

        Opens its own unit of work: reading a document and making a key take their time, and no transaction waits.

        Raises:
            Invalid: the document or the upstream address, naming each wrong place.
            Conflict: the name or an alias belongs to another system.
        """
        async with database.reading() as session:
            await self._registration.require(session, principal, order.system.name)
        document = await self._read(order)
        told = replace(order.system, title=document.title or None, description=document.description)
        try:
            prepared = await self._registration.prepare(database, principal, told)
        except Invalid as error:
            if not document.problems:
                raise
            raise _bad_document(order.source.field, document.problems, error.fields) from error
        if document.problems:
            raise _bad_document(order.source.field, document.problems)
        async with database.unit_of_work() as session:
            return await self._store(session, principal, order, prepared, document)

    async def _read(self, order: ImportOrder) -> ImportedDocument:
        source = order.source
        text = source.text if source.url is None else await self._fetcher.fetch(source.url, source.field)
        document = source.document
        if text is not None:
            try:
                document = await asyncio.to_thread(read_template, text, source.variables)
            except Unreadable as error:
                raise Invalid.field(source.field, str(error), "Send an OpenAPI or Swagger document") from error
        found = await asyncio.to_thread(import_openapi, document, order.system.name)
        return replace(found, components=tuple(documented(each, order.docs) for each in found.components))

    async def _store(
        self,
        session: AsyncSession,
        principal: Principal,
        order: ImportOrder,
        prepared: PreparedSystem,
        document: ImportedDocument,
    ) -> ImportResult:
        await self._publisher.lock(session)
        name = order.system.name
        await self._registration.require(session, principal, name)
        changed = await self._registration.put_system(session, principal, prepared)
        components = merged(await draft_of(session, name), document, keep_others=order.keep_others)
        beside = set_problems(components)
        if beside:
            raise _bad_document(order.source.field, beside)
        await fill_draft(session, principal, name, components, self._clock.now())
        release, is_new = None, False
        if order.releases:
            release, is_new = await self._put_release(session, principal, name, components)
        changed |= await self._registration.put_stage(session, principal, prepared, release)
        if changed or is_new:
            revision = await self._publisher.publish(session, lambda inside: system_document(inside, name))
        else:
            revision = await shard_revision(session, f"system:{name}")
        stage = await find_stage(session, name, PROD)
        served = stage.release if stage is not None and stage.release else None
        return ImportResult(name, served, PROD, len(components), revision, document.notes)

    async def _put_release(
        self, session: AsyncSession, principal: Principal, name: str, components: Sequence[ComponentDefinition]
    ) -> tuple[Release, bool]:
        newest = await newest_release(session, name)
        if newest is not None and newest.digest == digest_of(components):
            return newest, False
        version = _next_version(newest.version) if newest is not None else FIRST_VERSION
        return await write_release(session, principal, name, version, components, self._clock.now()), True


def documented(component: ComponentDefinition, docs: Docs) -> ComponentDefinition:
    """The component with its Markdown, where there is any."""
    found = {language: by_name[component.name] for language, by_name in docs.items() if component.name in by_name}
    if not found:
        return component
    texts = {language: {**component.texts.get(language, {}), "doc": doc} for language, doc in found.items()}
    return replace(component, texts={**component.texts, **texts})


def _bad_document(place: str, problems: Sequence[FieldProblem], others: Sequence[FieldProblem] = ()) -> Invalid:
    """The problems, at their places in the body of the call: `document` and the JSON pointer inside it."""
    placed = [replace(problem, field=f"{place}{problem.field}".rstrip("/")) for problem in problems]
    fields = [*others, *placed]
    shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in fields[:5])
    return Invalid(f"The document can't be imported: {shown}", code="bad_document", fields=fields)


def _next_version(version: str) -> str:
    return text_of(stepped(parse(version), "minor"))
