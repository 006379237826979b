"""A difference between two versions that users may notice, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from kernel.errors import FieldProblem, Param
from kernel.wording import Said, Wording, Wordings

CHANGES: Final = Wordings("change")
_RAISE: Final = "Raise {before} by a {step:term} step"
REQUIRED_GONE = CHANGES.add("required_gone", "was required and is gone", _RAISE)
GONE = CHANGES.add("gone", "is gone", _RAISE)
NEW_REQUIRED = CHANGES.add("new_required", "is new and required", _RAISE)
NEW = CHANGES.add("new", "is new", _RAISE)
REQUIRED = CHANGES.add("required", "is required now", _RAISE)
REQUIRED_NO_MORE = CHANGES.add("required_no_more", "is required no more", _RAISE)
TYPE = CHANGES.add("type", "is of another type", _RAISE)
DEFAULT = CHANGES.add("default", "has another default", _RAISE)
FEWER = CHANGES.add("fewer_values", "takes fewer values", _RAISE)
OTHER = CHANGES.add("other_values", "has other values", _RAISE)
MORE = CHANGES.add("more_values", "takes more values", _RAISE)
NARROWER = CHANGES.add("narrower", "takes fewer values ({rules})", _RAISE)
WIDER = CHANGES.add("wider", "takes more values ({rules})", _RAISE)
CLOSED = CHANGES.add("closed", "takes no others any more", _RAISE)
OPEN = CHANGES.add("open", "takes others too", _RAISE)
TAGS_GONE = CHANGES.add("tags_gone", "has no {tags} any more", _RAISE)
TAGS = CHANGES.add("tags", "has {tags} now", _RAISE)
FORM_SCRIPT = CHANGES.add("form_script", "has a form.js now", _RAISE)


class Step(IntEnum):
    """How far a version number moves."""

    PATCH = 0
    MINOR = 1
    MAJOR = 2

    @classmethod
    def for_change(cls, *, breaks: bool) -> "Step":
        return cls.MAJOR if breaks else cls.MINOR


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
