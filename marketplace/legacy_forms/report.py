"""What becomes of each part of a form.js: the report, and the functions that run."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kernel.wording import Said, Wordings
from marketplace.legacy_forms.conversion import Behaviour, Finding, Treatment
from marketplace.legacy_forms.evaluated import Code, EvaluatedForm, Other, Pattern, Tag, marked, readable
from marketplace.legacy_forms.field_schemas import rules, static_pattern
from marketplace.legacy_forms.sealing_keys import is_sealing_key
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
_MOST_SHOWN: Final = 300
_MOST_HEADERS: Final = 20
_Part = tuple[Finding, Behaviour | None]

NOTES: Final = Wordings("form_note")
_NO_TAG = NOTES.add("tag", "no tag of BlueKing's forms; its value is filled in as JSON")
_NO_ATTRIBUTE = NOTES.add("attribute", "is no attribute of {tag}")
_ASKS = NOTES.add("asks", "asks {address}")
_ASKS_OBJECT = NOTES.add("asks_object", "asks an address that is given as an object")
_DEPENDS = NOTES.add("context", "depends on where the form is filled in")
_NO_VALUE = NOTES.add("value", "has a value no form takes")
_NO_COOKIES = NOTES.add("cookies", "nobody's cookies go anywhere: files are sent with a token of the project")
_NO_MINI_MAP = NOTES.add("mini_map", "no small picture of the text is drawn beside it")
_NO_SEALING_KEY = NOTES.add(
    "sealing_key", "is neither an RSA nor an SM2 public key: nothing is sealed by it, and the field keeps nothing"
)
_HEADERS = NOTES.add("headers", "{left_out} not sent, only {sent}")
_NO_VALIDATION = NOTES.add("validation", "is no kind of validation")
_JAVASCRIPT_PATTERN = NOTES.add("pattern", "a pattern only JavaScript can match")
_NO_ACTION = NOTES.add("action", "has no action")
_OWN_EVENT = NOTES.add("event", "an event of the form's own")
_DRAWS = NOTES.add("draws", "draws on a page of its own, shown in a frame")
_DRAWS_WITH = NOTES.add("draws_with", "draws on a page of its own, shown in a frame: {parts}")
_NOT_IN_CONTEXT = NOTES.add("not_in_context", "{names} is nothing $.context has")
_NOTHING_IN_CONTEXT = NOTES.add("nothing_in_context", "is nothing $.context has")
_NO_JQUERY = NOTES.add("jquery", "is no part of jQuery that forms are given")
_NOT_SENT = NOTES.add("not_sent", "was not sent")


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
    return Finding(place, part, Treatment.UNKNOWN, _NO_TAG.said())


def _attribute_parts(place: str, tag: Tag, name: str, value: Any) -> Iterator[_Part]:
    part = f"attribute {name}"
    functions = list(_functions(name, value))
    if functions:
        for where, code in functions:
            yield _function_part(place, f"attribute {where}", code)
        return
    own = TAGS.get(tag.type, frozenset())
    if tag.type in TAGS and name not in COMMON_ATTRIBUTES | own:
        yield Finding(place, part, Treatment.UNKNOWN, _NO_ATTRIBUTE.said(tag=tag.type)), None
    elif name == "remote_url" and value and tag.type in REMOTE_TAGS:
        note = _ASKS.said(address=readable(value)[:_MOST_SHOWN]) if isinstance(value, str) else _ASKS_OBJECT.said()
        yield Finding(place, part, Treatment.SANDBOX, note), None
    elif _holds_mark(value):
        yield Finding(place, part, Treatment.SANDBOX, _DEPENDS.said()), None
    elif isinstance(value, (Other, Pattern)):
        yield Finding(place, part, Treatment.UNKNOWN, _NO_VALUE.said()), None
    else:
        yield Finding(place, part, Treatment.STATIC, _left_out(tag.type, name, value)), None


def _left_out(kind: str, name: str, value: Any) -> Said | None:
    """What of a known attribute is not done, and why."""
    if (kind, name) == ("password", "pubKey") and isinstance(value, str) and value and not is_sealing_key(value):
        return _NO_SEALING_KEY.said()
    if (kind, name) == ("upload", "withCredentials"):
        return _NO_COOKIES.said()
    if (kind, name) == ("code_editor", "showMiniMap"):
        return _NO_MINI_MAP.said()
    if (kind, name) == ("upload", "headers") and isinstance(value, dict):
        kept = {header.lower() for header in UPLOAD_HEADERS}
        held = tuple(sorted(header[:_MOST_SHOWN] for header in value if header.lower() not in kept)[:_MOST_HEADERS])
        return _HEADERS.said(left_out=held, sent=tuple(UPLOAD_HEADERS)) if held else None
    return None


def _rule_part(place: str, index: int, rule: Mapping[str, Any], tag: Tag) -> _Part:
    kind, args = rule.get("type"), rule.get("args")
    part = f"validation {kind}" if isinstance(kind, str) else f"validation {index + 1}"
    if kind not in VALIDATIONS:
        return Finding(place, part, Treatment.UNKNOWN, _NO_VALIDATION.said()), None
    if kind == "custom" and isinstance(args, Code):
        return _function_part(place, part, args)
    if kind == "regex" and static_pattern(tag) is None:
        return Finding(place, part, Treatment.SANDBOX, _JAVASCRIPT_PATTERN.said()), None
    return Finding(place, part, Treatment.STATIC), None


def _event_part(place: str, kind: str, source: str, action: Code | None) -> _Part:
    part = f"event {kind} of {source}"
    if action is None:
        return Finding(place, part, Treatment.UNKNOWN, _NO_ACTION.said()), None
    if kind not in EVENTS:
        # Forms may name events of their own and emit them with emit_event.
        return _function_part(place, part, action, _OWN_EVENT.said())
    return _function_part(place, part, action)


def _function_part(place: str, part: str, code: Code, note: Said | None = None) -> _Part:
    uses = uses_of(code.source)
    unknown = [use for use in uses if use.startswith("context.") and use.removeprefix("context.") not in CONTEXT]
    if needs_page(uses):
        parts = tuple(use.removeprefix("page.") for use in uses if use.startswith("page."))
        treatment, note = Treatment.FRAME, _DRAWS_WITH.said(parts=parts)
    elif unknown:
        treatment, note = Treatment.UNKNOWN, _NOT_IN_CONTEXT.said(names=tuple(unknown))
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
            parts.append((Finding("", use, Treatment.FRAME, _DRAWS.said()), None))
        elif use.startswith("jquery."):
            parts.append((Finding("", use, Treatment.UNKNOWN, _NO_JQUERY.said()), None))
        elif use.startswith("context.") and use.removeprefix("context.").split("(", 1)[0] not in CONTEXT:
            parts.append((Finding("", use, Treatment.UNKNOWN, _NOTHING_IN_CONTEXT.said()), None))
        else:
            parts.append((Finding("", use, Treatment.SANDBOX), None))
    parts += [(Finding("", f"request {one}", Treatment.SANDBOX, _NOT_SENT.said()), None) for one in evaluated.requests]
    return parts
