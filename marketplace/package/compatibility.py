"""What a version changes for those who use the one before, and which step of its number that asks for."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

import semver

from kernel.errors import FieldProblem, Param
from kernel.wording import Said, Wording, Wordings

_TAG = re.compile(r"""["']?tag_code["']?\s*:\s*["']([^"']+)["']""")
_CODE_VERSION = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)([a-z][a-z0-9]*)?")
_RETYPED = ("type", "format", "items", "$ref", "allOf", "anyOf", "oneOf", "properties")
_AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_LIMITS = (*_AT_MOST, *_AT_LEAST, "pattern", "const", "multipleOf", "uniqueItems", "required", "additionalProperties")
_NO_LIMIT: Mapping[str, Any] = {
    "uniqueItems": False,
    "required": [],
    "additionalProperties": True,
    **dict.fromkeys(("minLength", "minItems", "minProperties"), 0),
}


CHANGES: Final = Wordings("change")
_RAISE: Final = "Raise {before} by a {step:term} step"
_REQUIRED_GONE = CHANGES.add("required_gone", "was required and is gone", _RAISE)
_GONE = CHANGES.add("gone", "is gone", _RAISE)
_NEW_REQUIRED = CHANGES.add("new_required", "is new and required", _RAISE)
_NEW = CHANGES.add("new", "is new", _RAISE)
_REQUIRED = CHANGES.add("required", "is required now", _RAISE)
_REQUIRED_NO_MORE = CHANGES.add("required_no_more", "is required no more", _RAISE)
_TYPE = CHANGES.add("type", "is of another type", _RAISE)
_DEFAULT = CHANGES.add("default", "has another default", _RAISE)
_FEWER = CHANGES.add("fewer_values", "takes fewer values", _RAISE)
_OTHER = CHANGES.add("other_values", "has other values", _RAISE)
_MORE = CHANGES.add("more_values", "takes more values", _RAISE)
_NARROWER = CHANGES.add("narrower", "takes fewer values ({rules})", _RAISE)
_WIDER = CHANGES.add("wider", "takes more values ({rules})", _RAISE)
_CLOSED = CHANGES.add("closed", "takes no others any more", _RAISE)
_OPEN = CHANGES.add("open", "takes others too", _RAISE)
_TAGS_GONE = CHANGES.add("tags_gone", "has no {tags} any more", _RAISE)
_TAGS = CHANGES.add("tags", "has {tags} now", _RAISE)
_FORM_SCRIPT = CHANGES.add("form_script", "has a form.js now", _RAISE)


class Step(IntEnum):
    """How far a version number moves."""

    PATCH = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True, slots=True)
class FormTags:
    """What of a `form.js` users rely on.

    Attributes:
        digest: of its text, in hex.
        tags: its fields, which decide the shape of what is saved with it.
    """

    digest: str
    tags: frozenset[str]

    @classmethod
    def of(cls, script: str | None) -> "FormTags | None":
        """None of no script."""
        if not script:
            return None
        digest = hashlib.sha256(script.encode("utf-8", "surrogatepass")).hexdigest()
        return cls(digest, frozenset(_TAG.findall(script)))


@dataclass(frozen=True, slots=True)
class Contract:
    """What users of a version rely on.

    Attributes:
        inputs, outputs, context: schemas of objects.
    """

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    context: Mapping[str, Any]
    form: FormTags | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, and the step it asks for."""

    place: str
    wording: Wording
    step: Step
    params: Mapping[str, Param] = field(default_factory=dict)

    @property
    def what(self) -> Said:
        return self.wording.said(**self.params)

    def too_small_a_step_from(self, before: str, step: Step) -> FieldProblem:
        return self.wording.at(self.place, before=before, step=step.name.lower(), **self.params)


def changes(before: Contract, after: Contract) -> list[Change]:
    """Every difference that users may notice."""
    return [
        *_given(before.inputs, after.inputs, "inputs"),
        *_taken(before.outputs, after.outputs),
        *_given(before.context, after.context, "context_inputs"),
        *_form(before.form, after.form),
    ]


def step_taken(before: str, after: str) -> Step | None:
    """How far the number moved; None where it did not move forward. Below 1.0.0 a minor step is a major one."""
    old, new = parsed(before), parsed(after)
    if new <= old:
        return None
    if new.major > old.major or (old.major == new.major == 0 and new.minor > old.minor):
        return Step.MAJOR
    return Step.MINOR if new.minor > old.minor or old.major == new.major == 0 else Step.PATCH


def step_problems(before: tuple[str, Contract], after: tuple[str, Contract]) -> list[FieldProblem]:
    """Changes that ask for a larger step than the number takes; each version stands beside what it promises."""
    found = changes(before[1], after[1])
    needed = max((change.step for change in found), default=Step.PATCH)
    taken = step_taken(before[0], after[0])
    if taken is not None and taken >= needed:
        return []
    return [change.too_small_a_step_from(before[0], needed) for change in found if taken is None or change.step > taken]


def parsed(version: str) -> semver.Version:
    """Of a semantic version, or of one as plugins' code writes it: `1.0.0rc1`."""
    found = _CODE_VERSION.fullmatch(version)
    if found is None or semver.Version.is_valid(version):
        return semver.Version.parse(version)
    return semver.Version(int(found[1]), int(found[2]), int(found[3]), _prerelease(found[4] or ""))


def published_as(version: str) -> str:
    """The number a version of a plugin's code is published as: `1.0.0-rc.1` of `1.0.0rc1`; what is no number stays."""
    return str(parsed(version)) if _CODE_VERSION.fullmatch(version) else version


def _prerelease(suffix: str) -> str | None:
    """A number at the end is compared as one: `rc10` comes after `rc2`."""
    word = suffix.rstrip("0123456789")
    digits = suffix.removeprefix(word)
    return ".".join(part for part in (word, digits and str(int(digits))) if part) or None


def _given(before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> Iterator[Change]:
    """Of what is given to a plugin: more may be taken, nothing more may be asked for."""
    old, new = _properties(before), _properties(after)
    was, now = set(before.get("required", ())), set(after.get("required", ()))
    for name in sorted(old.keys() - new.keys()):
        yield Change(f"{place}.{name}", _REQUIRED_GONE if name in was else _GONE, Step.MAJOR)
    for name in sorted(new.keys() - old.keys()):
        required = name in now
        yield Change(f"{place}.{name}", _NEW_REQUIRED if required else _NEW, _step(breaks=required))
    for name in sorted(old.keys() & new.keys()):
        here = f"{place}.{name}"
        if (name in now) != (name in was):
            required = name in now
            yield Change(here, _REQUIRED if required else _REQUIRED_NO_MORE, _step(breaks=required))
        yield from _values(old[name], new[name], here, narrower=True)
    if new.keys() & old.keys() and _limit(before, "additionalProperties") != _limit(after, "additionalProperties"):
        closed = _is_narrower(before, after, "additionalProperties")
        yield Change(place, _CLOSED if closed else _OPEN, _step(breaks=closed))


def _taken(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Of what a plugin gives: less may not be given."""
    old, new = _properties(before), _properties(after)
    for name in sorted(old.keys() - new.keys()):
        yield Change(f"outputs.{name}", _GONE, Step.MAJOR)
    for name in sorted(new.keys() - old.keys()):
        yield Change(f"outputs.{name}", _NEW, Step.MINOR)
    for name in sorted(old.keys() & new.keys()):
        yield from _values(old[name], new[name], f"outputs.{name}", narrower=False)


def _values(old: Mapping[str, Any], new: Mapping[str, Any], place: str, *, narrower: bool) -> Iterator[Change]:
    if any(old.get(name) != new.get(name) for name in _RETYPED):
        yield Change(place, _TYPE, Step.MAJOR)
    elif old.get("default") != new.get("default"):
        yield Change(place, _DEFAULT, Step.MINOR)
    was, now = old.get("enum"), new.get("enum")
    if was != now:
        lost = [value for value in was or [] if now is not None and value not in now]
        closed = was is None and narrower
        what = _FEWER if narrower else _OTHER
        yield (
            Change(place, what, _step(breaks=bool(lost) or closed))
            if lost or closed
            else Change(place, _MORE, Step.MINOR)
        )
    if narrower:
        yield from _limits(old, new, place)


def _limits(old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[Change]:
    """Of limits that a value is held to. Which texts two patterns have in common nobody can tell: another one is a
    narrower one.
    """
    changed = [name for name in _LIMITS if _limit(old, name) != _limit(new, name)]
    narrowed = [name for name in changed if _is_narrower(old, new, name)]
    if narrowed:
        yield Change(place, _NARROWER, Step.MAJOR, {"rules": tuple(narrowed)})
    elif changed:
        yield Change(place, _WIDER, Step.MINOR, {"rules": tuple(changed)})


def _limit(schema: Mapping[str, Any], name: str) -> Any:
    """None where it keeps nothing out."""
    value = schema.get(name)
    return None if value == _NO_LIMIT.get(name) else value


def _is_narrower(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> bool:
    was, now = _limit(old, name), _limit(new, name)
    if now is None or was is None:
        return now is not None
    if isinstance(was, list) and isinstance(now, list):
        return any(each not in was for each in now)
    if isinstance(was, int | float) and isinstance(now, int | float) and name in (*_AT_MOST, *_AT_LEAST):
        return now < was if name in _AT_MOST else now > was
    return True


def _form(before: FormTags | None, after: FormTags | None) -> Iterator[Change]:
    if before == after:
        return
    old, new = (form.tags if form is not None else frozenset[str]() for form in (before, after))
    if before is not None and old - new:
        yield Change("form", _TAGS_GONE, Step.MAJOR, {"tags": tuple(sorted(old - new))})
    elif before is None or new - old:
        tags = tuple(sorted(new - old))
        yield Change("form", _TAGS, Step.MINOR, {"tags": tags}) if tags else Change("form", _FORM_SCRIPT, Step.MINOR)


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema.get("properties", {})
    return found


def _step(*, breaks: bool) -> Step:
    return Step.MAJOR if breaks else Step.MINOR
