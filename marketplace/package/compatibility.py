"""What a version changes for those who use the one before, and which step of its number that asks for."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import semver

from kernel.errors import FieldProblem
from marketplace.package.change import FORM_SCRIPT, TAGS, TAGS_GONE, Change, Step
from marketplace.package.schema_changes import changes_of_given, changes_of_taken

_TAG = re.compile(r"""["']?tag_code["']?\s*:\s*["']([^"']+)["']""")
_CODE_VERSION = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)([a-z][a-z0-9]*)?")


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


def changes(before: Contract, after: Contract) -> list[Change]:
    """Every difference that users may notice."""
    return [
        *changes_of_given(before.inputs, after.inputs, "inputs"),
        *changes_of_taken(before.outputs, after.outputs, "outputs"),
        *changes_of_given(before.context, after.context, "context_inputs"),
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


def _form(before: FormTags | None, after: FormTags | None) -> Iterator[Change]:
    if before == after:
        return
    old, new = (form.tags if form is not None else frozenset[str]() for form in (before, after))
    if before is not None and old - new:
        yield Change("form", TAGS_GONE, Step.MAJOR, {"tags": tuple(sorted(old - new))})
    elif before is None or new - old:
        tags = tuple(sorted(new - old))
        yield Change("form", TAGS, Step.MINOR, {"tags": tags}) if tags else Change("form", FORM_SCRIPT, Step.MINOR)
