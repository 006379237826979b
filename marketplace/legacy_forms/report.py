"""What becomes of each part of a form.js: the report, and the functions that run."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from marketplace.legacy_forms.conversion import Behaviour, Finding, Treatment
from marketplace.legacy_forms.evaluated import Code, EvaluatedForm, Other, Pattern, Tag, marked, readable
from marketplace.legacy_forms.field_schemas import rules, static_pattern
from marketplace.legacy_forms.sealing_keys import is_rsa_key
from marketplace.legacy_forms.usage import needs_page, uses_of
from marketplace.legacy_forms.vocabulary import (
    COMMON_ATTRIBUTES,
    CONTEXT,
    EVENTS,
    REMOTE_TAGS,
    TAGS,
    UPLOAD_HEADERS,
    VALIDATIONS,
)

_OWN: Final = frozenset({"validation"})
_Part = tuple[Finding, Behaviour | None]
_DRAWS: Final = "draws on a page of its own, shown in a frame"


def reported(evaluated: EvaluatedForm) -> tuple[tuple[Behaviour, ...], tuple[Finding, ...]]:
    """The functions of a form, and a finding for each part of it."""
    parts = [part for path, tag in evaluated.every_tag() for part in _tag_parts(".".join(path), tag)]
    parts += _loading_parts(evaluated)
    behaviours = tuple(behaviour for _, behaviour in parts if behaviour is not None)
    return behaviours, tuple(finding for finding, _ in parts)


def _tag_parts(place: str, tag: Tag) -> Iterator[_Part]:
    yield _type_part(place, tag), None
    for name, value in tag.attributes.items():
        if name not in _OWN:
            yield from _attribute_parts(place, tag, name, value)
    for index, rule in enumerate(rules(tag)):
        yield _rule_part(place, index, rule, tag)
    for event in tag.events:
        yield _event_part(place, event.type, event.source, event.action)
    for name, code in tag.methods.items():
        yield _function_part(place, f"method {name}", code)


def _type_part(place: str, tag: Tag) -> Finding:
    part = f"tag {tag.type}"
    if tag.type in TAGS:
        return Finding(place, part, Treatment.STATIC)
    return Finding(place, part, Treatment.UNKNOWN, "no tag of BlueKing's forms; its value is filled in as JSON")


def _attribute_parts(place: str, tag: Tag, name: str, value: Any) -> Iterator[_Part]:
    part = f"attribute {name}"
    functions = list(_functions(name, value))
    if functions:
        for where, code in functions:
            yield _function_part(place, f"attribute {where}", code)
        return
    own = TAGS.get(tag.type, frozenset())
    if tag.type in TAGS and name not in COMMON_ATTRIBUTES | own:
        yield Finding(place, part, Treatment.UNKNOWN, f"is no attribute of {tag.type}"), None
    elif name == "remote_url" and value and tag.type in REMOTE_TAGS:
        shown = readable(value) if isinstance(value, str) else "given as an object"
        yield Finding(place, part, Treatment.SANDBOX, f"asks {shown}"[:300]), None
    elif _holds_mark(value):
        yield Finding(place, part, Treatment.SANDBOX, "depends on where the form is filled in"), None
    elif isinstance(value, (Other, Pattern)):
        yield Finding(place, part, Treatment.UNKNOWN, "has a value no form takes"), None
    else:
        yield Finding(place, part, Treatment.STATIC, _left_out(tag.type, name, value)), None


def _left_out(kind: str, name: str, value: Any) -> str:
    """What of a known attribute is not done, and why."""
    if (kind, name) == ("password", "pubKey") and isinstance(value, str) and value and not is_rsa_key(value):
        return "is no RSA key, and by none of another kind (SM2) is anything sealed: the field keeps nothing"
    if (kind, name) == ("upload", "withCredentials"):
        return "nobody's cookies go anywhere: files are sent with a token of the project"
    if (kind, name) == ("code_editor", "showMiniMap"):
        return "no small picture of the text is drawn beside it"
    if (kind, name) == ("upload", "headers") and isinstance(value, dict):
        kept = {header.lower() for header in UPLOAD_HEADERS}
        held = sorted(header for header in value if header.lower() not in kept)
        return f"{', '.join(held)} not sent, only {', '.join(UPLOAD_HEADERS)}"[:300] if held else ""
    return ""


def _rule_part(place: str, index: int, rule: Mapping[str, Any], tag: Tag) -> _Part:
    kind, args = rule.get("type"), rule.get("args")
    part = f"validation {kind}" if isinstance(kind, str) else f"validation {index + 1}"
    if kind not in VALIDATIONS:
        return Finding(place, part, Treatment.UNKNOWN, "is no kind of validation"), None
    if kind == "custom" and isinstance(args, Code):
        return _function_part(place, part, args)
    if kind == "regex" and static_pattern(tag) is None:
        return Finding(place, part, Treatment.SANDBOX, "a pattern only JavaScript can match"), None
    return Finding(place, part, Treatment.STATIC), None


def _event_part(place: str, kind: str, source: str, action: Code | None) -> _Part:
    part = f"event {kind} of {source}"
    if action is None:
        return Finding(place, part, Treatment.UNKNOWN, "has no action"), None
    if kind not in EVENTS:
        # Forms may name events of their own and emit them with emit_event.
        return _function_part(place, part, action, "an event of the form's own")
    return _function_part(place, part, action)


def _function_part(place: str, part: str, code: Code, note: str = "") -> _Part:
    uses = uses_of(code.source)
    unknown = [use for use in uses if use.startswith("context.") and use.removeprefix("context.") not in CONTEXT]
    if needs_page(uses):
        pages = ", ".join(use.removeprefix("page.") for use in uses if use.startswith("page."))
        treatment, note = Treatment.FRAME, f"{_DRAWS}: {pages}"
    elif unknown:
        treatment, note = Treatment.UNKNOWN, f"{', '.join(unknown)} is nothing $.context has"
    else:
        treatment = Treatment.SANDBOX
    return Finding(place, part, treatment, note), Behaviour(place, part, treatment, uses, code.source)


def _functions(name: str, value: Any) -> Iterator[tuple[str, Code]]:
    if isinstance(value, Code):
        yield name, value
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _functions(f"{name}[{index}]", one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _functions(f"{name}.{key}", one)


def _holds_mark(value: Any) -> bool:
    if isinstance(value, str):
        return marked(value)
    if isinstance(value, list):
        return any(map(_holds_mark, value))
    return isinstance(value, dict) and any(map(_holds_mark, value.values()))


def _loading_parts(evaluated: EvaluatedForm) -> list[_Part]:
    """What the form did while it was read."""
    parts: list[_Part] = []
    for use in evaluated.uses:
        if use.startswith("page."):
            parts.append((Finding("", use, Treatment.FRAME, _DRAWS), None))
        elif use.startswith("jquery."):
            parts.append((Finding("", use, Treatment.UNKNOWN, "is no part of jQuery that forms are given"), None))
        elif use.startswith("context.") and use.removeprefix("context.").split("(", 1)[0] not in CONTEXT:
            parts.append((Finding("", use, Treatment.UNKNOWN, "is nothing $.context has"), None))
        else:
            parts.append((Finding("", use, Treatment.SANDBOX), None))
    parts += [(Finding("", f"request {one}", Treatment.SANDBOX, "was not sent"), None) for one in evaluated.requests]
    return parts
