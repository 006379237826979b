from typing import Any

from pydantic import BaseModel


class FlowPartView(BaseModel):
    name: str
    definition: dict[str, Any]


class FlowContentView(BaseModel):
    """`definition` is the flow's own; `flows` are those it runs inside, by the names its nodes have for them; `lacks`
    are those of `plugins` of which the catalogue offers no version in the range.
    """

    definition: dict[str, Any]
    flows: dict[str, FlowPartView]
    plugins: dict[str, str]
    lacks: dict[str, str]
    secrets: list[str]
