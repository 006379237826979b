"""What a version changes for a project that has another one: scopes, inputs and outputs, form, texts. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from marketplace.package.change import Change, Step
from marketplace.package.compatibility import Contract, changes, parsed
from marketplace.package.manifest import Manifest, ScopeNeed

_HEADING = re.compile(r"^#{1,6}\s+\[?v?([0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.-]*)\]?", re.MULTILINE)
_INPUTS = "inputs."


@dataclass(frozen=True, slots=True)
class Differences:
    """Attributes:
    added: scopes that must be consented to anew.
    removed: scopes no longer asked for.
    components: those called anew.
    changes: of inputs, context, outputs and form.
    changelog: what the newer version's author says of it and of versions between.
    """

    added: tuple[ScopeNeed, ...]
    removed: tuple[str, ...]
    components: tuple[str, ...]
    changes: tuple[Change, ...]
    changelog: str

    @property
    def breaks(self) -> bool:
        return any(change.step is Step.MAJOR for change in self.changes)


def differences(before: tuple[Manifest, Contract], after: tuple[Manifest, Contract], changelog: str) -> Differences:
    """Args:
    before, after: each with what its users rely on.
    changelog: of the version `after`.
    """
    old, new = before[0], after[0]
    found = [*changes(before[1], after[1]), *_form_changes(old, new)]
    return Differences(
        added=tuple(need for need in new.scopes if need.scope not in old.scope_names()),
        removed=tuple(sorted(old.scope_names() - new.scope_names())),
        components=tuple(name for name in new.components() if name not in old.components()),
        changes=tuple(sorted(found, key=lambda change: (-change.step, change.place))),
        changelog=changelog_between(changelog, old.version, new.version),
    )


def introduced(first: Manifest, changelog: str) -> Differences:
    """Of a version with none beside it: all it asks for is new."""
    return Differences(tuple(first.scopes), (), tuple(first.components()), (), changelog)


def changelog_between(text: str, before: str, after: str) -> str:
    """The sections above `before`, up to and with `after`; all of a text that has no such headings."""
    headings = list(_HEADING.finditer(text))
    if not headings:
        return text
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    low, high = parsed(before), parsed(after)
    kept = [
        text[heading.start() : end].strip()
        for heading, end in zip(headings, ends, strict=True)
        if _is_version(heading[1]) and low < parsed(heading[1]) <= high
    ]
    return "\n\n".join(kept)


def _form_changes(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Of a form that has fields of its own, beside those of the inputs."""
    before, after = old.form_document()["schema"], new.form_document()["schema"]
    if before == old.inputs and after == new.inputs:
        return
    for change in changes(Contract(before, {}, {}), Contract(after, {}, {})):
        yield replace(change, place=f"form.{change.place.removeprefix(_INPUTS)}")


def _is_version(text: str) -> bool:
    try:
        parsed(text)
    except ValueError:
        return False
    return True
