"""A system's draft as a whole: filled by an import, read by a release."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.repository import draft_components, replace_draft
from gateway.registry.importers.definitions import ImportedDocument
from gateway.registry.models import DraftComponent
from kernel.audit.log import record
from kernel.ids import new_id
from kernel.principal import Principal

_NAMED = 50


async def draft_of(session: AsyncSession, system: str) -> list[ComponentDefinition]:
    """The definitions of which the next release is made."""
    return [ComponentDefinition.from_columns(row) for row in await draft_components(session, system)]


def merged(
    draft: Iterable[ComponentDefinition], document: ImportedDocument, *, keep_others: bool
) -> list[ComponentDefinition]:
    """The draft after an import: what the document's format doesn't speak of stays as people have set it.

    Args:
        keep_others: components the document doesn't name stay too.
    """
    present = {component.name: component for component in draft}
    imported = [_merged(present.get(component.name), component, document) for component in document.components]
    if not keep_others:
        return imported
    named = {component.name: component for component in imported}
    kept = [named.pop(name, component) for name, component in present.items()]
    return [*kept, *named.values()]


def _merged(
    present: ComponentDefinition | None, imported: ComponentDefinition, document: ImportedDocument
) -> ComponentDefinition:
    if present is None:
        return imported
    texts = {
        language: {**present.texts.get(language, {}), **imported.texts.get(language, {})}
        for language in {*present.texts, *imported.texts}
    }
    return replace(present, **{name: getattr(imported, name) for name in document.stated}, texts=texts)


async def fill_draft(
    session: AsyncSession,
    principal: Principal,
    system: str,
    components: Sequence[ComponentDefinition],
    now: datetime,
) -> bool:
    """Has the draft hold exactly these; says whether that changed it. The caller has checked the right to."""
    before = await draft_of(session, system)
    if before == list(components):
        return False
    first = new_id()[:24]
    rows = [
        DraftComponent(
            id=f"{first}{position:08x}", system=system, updated_by=principal.id, updated_at=now, **component.columns()
        )
        for position, component in enumerate(components)
    ]
    await replace_draft(session, system, rows)
    old, new = ({component.name: component for component in side} for side in (before, components))
    record(
        session,
        principal,
        "draft.filled",
        "system",
        system,
        before={"components": len(old), "removed": _names(old.keys() - new.keys())},
        after={
            "components": len(new),
            "added": _names(new.keys() - old.keys()),
            "changed": _names({name for name in new.keys() & old.keys() if new[name] != old[name]}),
        },
    )
    return True


def _names(names: Iterable[str]) -> list[str]:
    return sorted(names)[:_NAMED]
