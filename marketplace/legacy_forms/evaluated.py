"""What the sandbox told of a form.js, as frozen types. It is foreign: every part is checked, nothing is believed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.forms.bounds import Bounds, bound_problem
from marketplace.legacy_forms import wordings
from marketplace.legacy_forms.errors import FormRefused

_BOUNDS: Final = Bounds(depth=40, values=50_000, characters=2 * 1024 * 1024)
_CODE: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.:-]{0,127}")
_RESERVED: Final = frozenset({"__proto__", "constructor", "prototype"})
_MARK: Final = re.compile("\ue000([^\ue000\ue001]*)\ue001")
_MAX_TAGS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Code:
    """A function, as it was written."""

    source: str


@dataclass(frozen=True, slots=True)
class Pattern:
    source: str
    flags: str


@dataclass(frozen=True, slots=True)
class Other:
    """What JSON has no form for: `undefined`, `cycle`, `deep`, …"""

    kind: str


@dataclass(frozen=True, slots=True)
class Event:
    source: str
    type: str
    action: Code | None


@dataclass(frozen=True, slots=True)
class Tag:
    """A field.

    Attributes:
        attributes: JSON values, with `Code`, `Pattern` and `Other` where the form has those. `children` of a combine
            and `columns` of a table stand in `inner` when they are a list.
    """

    code: str
    type: str
    attributes: Mapping[str, Any]
    events: tuple[Event, ...]
    methods: Mapping[str, Code]
    inner: tuple["Tag", ...]


@dataclass(frozen=True, slots=True)
class EvaluatedForm:
    """One form of a form.js, and what was noted while it was read.

    Attributes:
        code: the name it registered itself under.
        codes: the names of all forms of the file.
        uses: what it used while it was read: `context.site_url`, `page.document.body`, `jquery.fn`.
        texts: what it gave to gettext.
    """

    code: str
    codes: tuple[str, ...]
    tags: tuple[Tag, ...]
    uses: tuple[str, ...]
    texts: tuple[str, ...]
    requests: tuple[str, ...]

    def every_tag(self) -> Iterator[tuple[tuple[str, ...], Tag]]:
        """Each tag with its path, the outer ones first."""
        pending: list[tuple[tuple[str, ...], Tag]] = [((tag.code,), tag) for tag in reversed(self.tags)]
        while pending:
            path, tag = pending.pop()
            yield path, tag
            pending.extend(((*path, inner.code), inner) for inner in reversed(tag.inner))


def marked(text: str) -> bool:
    """Whether a text holds something of the context that is known at run time only."""
    return _MARK.search(text) is not None


def readable(text: str) -> str:
    """`{site_url}pipeline/` for a text with marks."""
    return _MARK.sub(lambda found: "{" + found.group(1) + "}", text)


def read_evaluated(document: Any, code: str | None = None) -> EvaluatedForm:
    """The form in what `describe` answered.

    Args:
        code: which of several; by default the only one, or the first that isn't the form of outputs.

    Raises:
        FormRefused: naming each wrong place.
    """
    past = bound_problem(document, _BOUNDS, "source")
    if past is not None:
        raise FormRefused([past])
    forms = document.get("forms") if isinstance(document, dict) else None
    if not isinstance(forms, dict) or not forms:
        raise FormRefused([wordings.NO_FORM.at("source")])
    chosen = _chosen(forms, code)
    reader = _Reader(_texts(document, "functions"))
    tags = reader.tags(forms[chosen], chosen)
    if reader.problems:
        raise FormRefused(reader.problems[:50])
    names = ("uses", "texts", "requests")
    uses, texts, requests = (tuple(readable(text) for text in _texts(document, name)) for name in names)
    return EvaluatedForm(chosen, tuple(forms), tags, uses, texts, requests)


def form_codes(document: Any) -> list[str]:
    """The names of the forms in what `describe` answered."""
    forms = document.get("forms") if isinstance(document, dict) else None
    return list(forms) if isinstance(forms, dict) else []


def _chosen(forms: Mapping[str, Any], code: str | None) -> str:
    if code is None:
        return next((name for name in forms if not name.endswith("_output")), next(iter(forms)))
    if code not in forms:
        raise FormRefused([wordings.OTHER_FORM.at("code", code=code, codes=tuple(forms)[:5])])
    return code


def _texts(document: Mapping[str, Any], name: str) -> list[str]:
    found = document.get(name)
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


class _Reader:
    def __init__(self, functions: list[str]) -> None:
        self._functions = functions
        self._count = 0
        self.problems: list[FieldProblem] = []

    def tags(self, found: Any, at: str) -> tuple[Tag, ...]:
        if not isinstance(found, list):
            self.problems.append(wordings.NO_TAGS.at(at))
            return ()
        read = [self._tag(one, f"{at}[{index}]") for index, one in enumerate(found)]
        tags = tuple(tag for tag in read if tag is not None)
        codes = [tag.code for tag in tags]
        for index, code in enumerate(codes):
            if code in codes[:index]:
                self.problems.append(wordings.TWICE.at(f"{at}[{index}].tag_code", code=code))
        return tags

    def _tag(self, found: Any, at: str) -> Tag | None:
        self._count += 1
        if self._count > _MAX_TAGS:
            if self._count == _MAX_TAGS + 1:
                self.problems.append(wordings.MANY_TAGS.at(at, limit=_MAX_TAGS))
            return None
        if not isinstance(found, dict):
            self.problems.append(wordings.NO_TAG.at(at))
            return None
        code, kind = found.get("tag_code"), found.get("type")
        if not isinstance(code, str) or not _CODE.fullmatch(code) or code in _RESERVED:
            self.problems.append(wordings.NO_NAME.at(f"{at}.tag_code"))
            return None
        if not isinstance(kind, str) or not _CODE.fullmatch(kind):
            self.problems.append(wordings.NO_TYPE.at(f"{at}.type"))
            return None
        attributes = self._object(found.get("attrs"), f"{at}.attrs")
        inner = self._inner(kind, attributes, at)
        values = {name: self._value(value) for name, value in attributes.items() if name not in _RESERVED}
        return Tag(code, kind, values, self._events(found.get("events"), at), self._methods(found, at), inner)

    def _inner(self, kind: str, attributes: dict[str, Any], at: str) -> tuple[Tag, ...]:
        name = {"combine": "children", "datatable": "columns"}.get(kind, "")
        if not isinstance(attributes.get(name), list):
            return ()
        return self.tags(attributes.pop(name), f"{at}.attrs.{name}")

    def _events(self, found: Any, at: str) -> tuple[Event, ...]:
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(event, dict) for event in found):
            self.problems.append(wordings.NO_EVENTS.at(f"{at}.events"))
            return ()
        return tuple(
            Event(str(event.get("source", "")), str(event.get("type", "")), self._code(event.get("action")))
            for event in found
        )

    def _methods(self, found: Mapping[str, Any], at: str) -> dict[str, Code]:
        methods = {name: self._code(method) for name, method in self._object(found.get("methods"), at).items()}
        return {name: code for name, code in methods.items() if code is not None}

    def _object(self, found: Any, at: str) -> dict[str, Any]:
        if found is None:
            return {}
        if not isinstance(found, dict):
            self.problems.append(wordings.NO_OBJECT.at(at))
            return {}
        return dict(found)

    def _code(self, found: Any) -> Code | None:
        value = self._value(found)
        return value if isinstance(value, Code) else None

    def _value(self, found: Any) -> Any:
        if isinstance(found, list):
            return [self._value(one) for one in found]
        if not isinstance(found, dict):
            return found
        if len(found) == 1:
            (name, inside), *_ = found.items()
            if name == "\ue000fn" and isinstance(inside, int) and 0 <= inside < len(self._functions):
                return Code(self._functions[inside])
            if name == "\ue000re" and isinstance(inside, list) and len(inside) == len(("source", "flags")):
                return Pattern(str(inside[0]), str(inside[1]))
            if name == "\ue000other":
                return Other(str(inside))
        return {name: self._value(one) for name, one in found.items() if name not in _RESERVED}
