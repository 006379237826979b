"""Every template and condition of a mapping, read before anything runs by it."""

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.errors import FieldProblem
from kernel.expressions.conditions import Condition, compile_condition
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Path, Reference, parse, render_path, texts
from kernel.expressions.tokens import MACROS
from kernel.forms.pointers import dotted
from marketplace.package.manifest import Callback, ComponentCall, ComponentMapping, FurtherCall, Manifest, Poll

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
        self._stored = {name for part in (mapping.poll, mapping.callback) if part is not None for name in part.store}

    def problems(self) -> list[FieldProblem]:
        return list(self._all())

    def _all(self) -> _Found:
        mapping = self._mapping
        yield from self._call(mapping.call, "component.call", _BEFORE)
        yield from self._ending(mapping, "component", _AFTER)
        if mapping.poll is not None:
            yield from self._later(mapping.poll, "component.poll", _AFTER)
            yield from self._call(mapping.poll.call, "component.poll.call", _BEFORE | {"storage"})
        if mapping.callback is not None:
            yield from self._later(mapping.callback, "component.callback", _BEFORE | {"storage", "callback"})
        yield from self._callback_is_used()

    def _later(self, part: Poll | Callback, place: str, roots: frozenset[str]) -> _Found:
        yield from self._template(part.store, f"{place}.store", _BEFORE | {"response", "status"})
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
                yield FieldProblem(here, "is not declared in outputs.properties", "Declare it there, or leave it out")
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
                yield FieldProblem(here, f"{error.message}, at character {error.position + 1}", "Write ${name.path}")
                continue
            for part in parts:
                if isinstance(part, Reference):
                    where = f", at character {part.start + 1}"
                    yield from self._name(part.path, here, roots, where)

    def _condition(self, source: str, place: str, roots: frozenset[str]) -> _Found:
        try:
            condition = compile_condition(source)
        except ExpressionError as error:
            yield FieldProblem(place, f"{error.message}, at character {error.position + 1}", "Write a condition in CEL")
            return
        bound = _bound_names(condition)
        for path in sorted(condition.paths):
            if path[0] not in bound:
                yield from self._name(path, place, roots, "")

    def _name(self, path: Path, place: str, roots: frozenset[str], where: str) -> _Found:
        root, shown = path[0], render_path(path)
        if root not in roots:
            yield FieldProblem(place, f"{shown} is not known here{where}", f"Known are {', '.join(sorted(roots))}")
            return
        known = self._known_below(root)
        if known is not None and len(path) > 1 and path[1] not in known:
            names = ", ".join(sorted(known)) or "nothing"
            yield FieldProblem(place, f"{shown} is not declared{where}", f"{root} has {names}")

    def _known_below(self, root: str | int) -> frozenset[str] | set[str] | None:
        if root == "call":
            return _CALL_NAMES
        if root == "storage":
            return self._stored
        return self._inputs if root == "inputs" else None

    def _callback_is_used(self) -> _Found:
        mapping = self._mapping
        call = mapping.call
        handed_over = any(
            "${call.callback_url}" in text for part in (call.path, call.query, call.body) for _, text in texts(part)
        )
        if mapping.callback is not None and not handed_over:
            yield FieldProblem(
                "component.callback",
                "waits for a callback nobody is asked for",
                "Put ${call.callback_url} into the call",
            )
        if mapping.callback is None and handed_over:
            yield FieldProblem(
                "component.call", "hands over ${call.callback_url}, but waits for no callback", "Describe callback"
            )


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
