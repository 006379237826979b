"""Members of JSON answers under the names callers know them by."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

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


class AnswerRename(Config):
    """Values pass as they stood. What already has the new name gives way; a member that isn't there is no error."""

    members: Annotated[
        dict[AnswerPlace, Name],
        Field(min_length=1, max_length=50, description="Where a member stands, and its new name"),
    ]


KIND = Kind("answer-rename", "Members of JSON answers under other names.", AnswerRename)
