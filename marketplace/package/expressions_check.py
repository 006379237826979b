"""Every template and condition of a mapping, read before anything runs by it."""

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.errors import FieldProblem, Param
from kernel.expressions.conditions import Condition, compile_condition
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Path, Reference, parse, render_path, texts
from kernel.expressions.tokens import MACROS
from kernel.forms.pointers import dotted
from marketplace.package import wordings
from marketplace.package.manifest import (
    Callback,
    Cancel,
    ComponentCall,
    ComponentMapping,
    ComponentStep,
    FurtherCall,
    Manifest,
    Poll,
)

_CALL_NAMES = frozenset({"callback_url", "node_run_id"})
_BEFORE = frozenset({"inputs", "context", "call"})
_AFTER = _BEFORE | {"storage", "response", "status"}

_Found = Iterator[FieldProblem]


class ExpressionCheck:
    """Finds every problem of a manifest's expressions; positions count characters from 1."""

    def __init__(self, manifest: Manifest, mapping: ComponentMapping) -> None:
        self._mapping = mapping
        self._inputs = _closed_names(manifest.inputs)
        self._outputs = manifest.outputs.get("properties", {})
        self._stored: set[str] = set()

    def problems(self) -> list[FieldProblem]:
        return list(self._shape()) or list(self._all())

    def _shape(self) -> _Found:
        """A mapping is one call or several steps, and only at its end something is waited for that calls back."""
        mapping = self._mapping
        if mapping.call is None and not mapping.steps:
            yield wordings.NO_CALL.at("component.call")
        if mapping.steps:
            for name in ("call", "success", "error", "outputs", "poll", "callback", "cancel"):
                if getattr(mapping, name):
                    yield wordings.BESIDE_STEPS.at(f"component.{name}")
        for number, step in enumerate(mapping.steps[:-1]):
            if step.callback is not None:
                yield wordings.EARLY_CALLBACK.at(f"component.steps[{number}].callback")

    def _all(self) -> _Found:
        for number, step in enumerate(self._mapping.sequence()):
            yield from self._step(step, dotted("component", self._mapping.place_of(number)), number)

    def _step(self, step: ComponentStep, place: str, number: int) -> _Found:
        before = _BEFORE | {"storage"} if number else _BEFORE
        if step.when is not None:
            yield from self._condition(step.when, f"{place}.when", before)
        yield from self._call(step.call, f"{place}.call", before)
        yield from self._template(step.store, f"{place}.store", before | {"response", "status"})
        later = [part for part in (step.poll, step.callback) if part is not None]
        self._stored = self._stored.union(step.store, *(part.store for part in later))
        yield from self._ending(step, place, _AFTER)
        if step.poll is not None:
            yield from self._later(step.poll, f"{place}.poll", _AFTER, before)
            yield from self._call(step.poll.call, f"{place}.poll.call", _BEFORE | {"storage"})
        if step.callback is not None:
            yield from self._later(step.callback, f"{place}.callback", _BEFORE | {"storage", "callback"}, before)
        if step.cancel is not None:
            yield from self._cancel(step, step.cancel, f"{place}.cancel")
        yield from self._callback_is_used(step, place)

    def _cancel(self, step: ComponentStep, cancel: Cancel, place: str) -> _Found:
        """What is cancelled must be under way for a while."""
        if step.poll is None and step.callback is None:
            yield wordings.CANCELS_NOTHING.at(place)
        known = _BEFORE | {"storage", "outputs"}
        yield from self._call(cancel.call, f"{place}.call", known)
        if cancel.success is not None:
            yield from self._condition(cancel.success, f"{place}.success", known | {"response", "status"})
        if cancel.error is not None:
            yield from self._template(cancel.error, f"{place}.error", known | {"response", "status"})

    def _later(self, part: Poll | Callback, place: str, roots: frozenset[str], before: frozenset[str]) -> _Found:
        yield from self._template(part.store, f"{place}.store", before | {"response", "status"})
        yield from self._condition(part.done, f"{place}.done", roots)
        yield from self._ending(part, place, roots)
        for index, further in enumerate(part.then):
            inner = f"{place}.then[{index}]"
            yield from self._call(further.call, f"{inner}.call", roots)
            yield from self._ending(further, inner, roots | _AFTER)

    def _ending(self, part: Any, place: str, roots: frozenset[str]) -> _Found:
        ending: FurtherCall | Poll | Callback = part
        if ending.success is not None:
            yield from self._condition(ending.success, f"{place}.success", roots)
        if ending.error is not None:
            yield from self._template(ending.error, f"{place}.error", roots)
        for name, template in ending.outputs.items():
            here = dotted(f"{place}.outputs", [name])
            if name not in self._outputs:
                yield wordings.NO_OUTPUT.at(here)
            yield from self._template(template, here, roots)

    def _call(self, call: ComponentCall, place: str, roots: frozenset[str]) -> _Found:
        for part in ("path", "query", "body"):
            yield from self._template(getattr(call, part), f"{place}.{part}", roots)

    def _template(self, template: Any, place: str, roots: frozenset[str]) -> _Found:
        for inner, text in texts(template):
            here = place + (inner if inner.startswith("[") or not inner else f".{inner}")
            try:
                parts = parse(text)
            except ExpressionError as error:
                yield wordings.NO_TEMPLATE.at(here, why=error.message, position=error.position + 1)
                continue
            for part in parts:
                if isinstance(part, Reference):
                    yield from self._name(part.path, here, roots, part.start + 1)

    def _condition(self, source: str, place: str, roots: frozenset[str]) -> _Found:
        try:
            condition = compile_condition(source)
        except ExpressionError as error:
            yield wordings.NO_CONDITION.at(place, why=error.message, position=error.position + 1)
            return
        bound = _bound_names(condition)
        for path in sorted(condition.paths):
            if path[0] not in bound:
                yield from self._name(path, place, roots, None)

    def _name(self, path: Path, place: str, roots: frozenset[str], position: int | None) -> _Found:
        root, shown = path[0], render_path(path)
        placed: dict[str, Param] = {} if position is None else {"position": position}
        if root not in roots:
            unknown = wordings.UNKNOWN_NAME if position is None else wordings.UNKNOWN_NAME_AT
            yield unknown.at(place, name=shown, known=tuple(sorted(roots)), **placed)
            return
        known = self._known_below(root)
        if known is not None and len(path) > 1 and path[1] not in known:
            names = tuple(sorted(known)) or ("nothing",)
            undeclared = wordings.UNDECLARED if position is None else wordings.UNDECLARED_AT
            yield undeclared.at(place, name=shown, root=str(root), known=names, **placed)

    def _known_below(self, root: str | int) -> frozenset[str] | set[str] | None:
        if root == "call":
            return _CALL_NAMES
        if root == "storage":
            return self._stored
        return self._inputs if root == "inputs" else None

    def _callback_is_used(self, step: ComponentStep, place: str) -> _Found:
        call = step.call
        handed_over = any(
            "${call.callback_url}" in text for part in (call.path, call.query, call.body) for _, text in texts(part)
        )
        if step.callback is not None and not handed_over:
            yield wordings.UNASKED_CALLBACK.at(f"{place}.callback")
        if step.callback is None and handed_over:
            yield wordings.UNAWAITED_CALLBACK.at(f"{place}.call")


def _closed_names(schema: Mapping[str, Any]) -> frozenset[str] | None:
    """The names an object can have; `None` when the schema leaves that open."""
    if schema.get("additionalProperties") is not False or schema.get("patternProperties"):
        return None
    return frozenset(schema.get("properties", {}))


def _bound_names(condition: Condition) -> frozenset[str]:
    tokens = condition.tokens
    return frozenset(
        tokens[index + 2].text
        for index, token in enumerate(tokens[:-2])
        if token.text in MACROS and tokens[index + 1].text == "("
    )
