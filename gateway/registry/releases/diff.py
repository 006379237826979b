"""What two releases of a system mean to its callers, side by side. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.registry.component_definition import ComponentDefinition, ParameterDefinition
from gateway.registry.releases.schema_changes import SchemaReason, answer_changes, request_changes
from gateway.registry.releases.versions import Level

_ANY = "ANY"


@dataclass(frozen=True, slots=True)
class Reason:
    """Attributes:
    field: what changed of the component, by the names of its definition; `body_schema/name` inside a schema.
    """

    field: str
    text: str
    level: Level


_REARRANGED = Reason("", "is written otherwise", Level.TEXT)


@dataclass(frozen=True, slots=True)
class ChangedComponent:
    name: str
    reasons: tuple[Reason, ...]

    @property
    def level(self) -> Level:
        return max(reason.level for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """Attributes:
    reordered: the same components in another order.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[ChangedComponent, ...]
    reordered: bool = False

    @property
    def level(self) -> Level:
        levels = [component.level for component in self.changed]
        levels += [Level.ADDED] if self.added else []
        levels += [Level.BREAKING] if self.removed else []
        return max(levels, default=Level.TEXT)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.reordered)


def diff(old: Sequence[ComponentDefinition], new: Sequence[ComponentDefinition]) -> ReleaseDiff:
    """From `old` to `new`; components are the same when their names are."""
    before = {component.name: component for component in old}
    after = {component.name: component for component in new}
    changed = tuple(
        ChangedComponent(name, tuple(_reasons(before[name], component)) or (_REARRANGED,))
        for name, component in after.items()
        if name in before and before[name].document() != component.document()
    )
    return ReleaseDiff(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=changed,
        reordered=[name for name in before if name in after] != [name for name in after if name in before],
    )


def _reasons(old: ComponentDefinition, new: ComponentDefinition) -> Iterator[Reason]:
    yield from _address(old, new)
    yield from _rights(old, new)
    yield from _parameters(old.parameters, new.parameters)
    yield from _schema(
        "body_schema", old.body_schema, new.body_schema, request_changes(old.body_schema, new.body_schema)
    )
    yield from _schema(
        "response_schema", old.response_schema, new.response_schema,
        answer_changes(old.response_schema, new.response_schema),
    )  # fmt: skip
    yield from _others(old, new)


def _address(old: ComponentDefinition, new: ComponentDefinition) -> Iterator[Reason]:
    if old.method != new.method:
        level = Level.ADDED if new.method == _ANY else Level.BREAKING
        yield Reason("method", f"{old.method} becomes {new.method}", level)
    if old.path != new.path:
        yield Reason("path", f"{old.path} becomes {new.path}", Level.BREAKING)
    for name in ("match_subpath", "enable_websocket"):
        if getattr(old, name) != getattr(new, name):
            level = Level.ADDED if getattr(new, name) else Level.BREAKING
            yield Reason(name, "is allowed now" if getattr(new, name) else "is not allowed any more", level)
    if old.is_read != new.is_read:
        yield Reason("is_read", "only reads" if new.is_read else "changes something now", Level.INNER)


def _rights(old: ComponentDefinition, new: ComponentDefinition) -> Iterator[Reason]:
    for scope in new.scopes:
        if scope not in old.scopes:
            yield Reason("scopes", f"{scope} is needed now", Level.BREAKING)
    for scope in old.scopes:
        if scope not in new.scopes:
            yield Reason("scopes", f"{scope} is not needed any more", Level.ADDED)
    for name in ("app_required", "user_required", "grant_required"):
        if getattr(old, name) != getattr(new, name):
            level = Level.BREAKING if getattr(new, name) else Level.ADDED
            yield Reason(name, "is asked for now" if getattr(new, name) else "is not asked for any more", level)


def _parameters(old: Iterable[ParameterDefinition], new: Iterable[ParameterDefinition]) -> Iterator[Reason]:
    before = {(each.location, each.name): each for each in old}
    after = {(each.location, each.name): each for each in new}
    for place, parameter in after.items():
        known = before.get(place)
        field = f"parameters/{'/'.join(place)}"
        if known is None:
            level = Level.BREAKING if parameter.required else Level.ADDED
            yield Reason(field, "is new and required" if parameter.required else "is new", level)
            continue
        if parameter.required != known.required:
            level = Level.BREAKING if parameter.required else Level.ADDED
            yield Reason(field, "is required now" if parameter.required else "is not required any more", level)
        if (parameter.style, parameter.explode) != (known.style, known.explode):
            yield Reason(field, "is written otherwise", Level.BREAKING)
        yield from _schema(field, known.schema, parameter.schema, request_changes(known.schema, parameter.schema))
        if known.description != parameter.description:
            yield Reason(field, "is described otherwise", Level.TEXT)
    for place in sorted(before.keys() - after.keys()):
        yield Reason(f"parameters/{'/'.join(place)}", "is described no more", Level.INNER)


def _schema(
    field: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, reasons: Sequence[SchemaReason]
) -> Iterator[Reason]:
    if old == new:
        return
    for reason in reasons:
        level = Level.BREAKING if reason.breaking else Level.ADDED
        yield Reason(f"{field}{reason.where}", reason.text, level)
    if not reasons:
        yield Reason(field, "changes without refusing or losing anything", Level.ADDED)


_INNER = ("upstream", "upstream_method", "upstream_path", "mapping", "timeout", "mock", "policies")
_TEXTS = ("title", "description", "labels", "texts", "samples", "is_public", "allow_apply")


def _others(old: ComponentDefinition, new: ComponentDefinition) -> Iterator[Reason]:
    for names, level in ((_INNER, Level.INNER), (_TEXTS, Level.TEXT)):
        for name in names:
            if getattr(old, name) != getattr(new, name):
                yield Reason(name, "changes", level)
