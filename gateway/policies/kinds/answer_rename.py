"""Members of JSON answers under the names callers know them by."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.policies.kinds.fields import Text
from gateway.policies.kinds.policy import Config, Kind

ITEMS = "*"
"""The step into each item of a list."""

_MOST_STEPS = 8


def _place(text: str) -> str:
    steps = text.split(".")
    if not all(steps) or len(steps) > _MOST_STEPS or steps[-1] == ITEMS:
        raise ValueError(
            f"is no place; write names with a dot between each two, at most {_MOST_STEPS}, * for each item"
        )
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f.]*$")]
AnswerPlace = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f]*$"), AfterValidator(_place)]

_Empty = Annotated[list[Any], Field(max_length=0)] | Annotated[dict[str, Any], Field(max_length=0)]
Filler = Text | bool | int | float | _Empty | None
"""What stands for nothing: a text, a number, a truth value, null, an empty list or object."""


class AnswerRename(Config):
    """Values pass as they stood. What already has the new name gives way; a member that isn't there is no error. What
    is added stands where the object it belongs to has no such member, by the new names.
    """

    members: Annotated[
        dict[AnswerPlace, Name],
        Field(default_factory=dict, max_length=50, description="Where a member stands, and its new name"),
    ]
    adds: Annotated[
        dict[AnswerPlace, Filler],
        Field(default_factory=dict, max_length=50, description="Where a member may be missing, and its value then"),
    ]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.members and not self.adds:
            raise ValueError("renames and adds nothing; give members or adds")
        return self


KIND = Kind("answer-rename", "Members of JSON answers under other names.", AnswerRename)
