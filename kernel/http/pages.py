"""The wire shape of lists."""

from typing import Generic, TypeVar

from pydantic import BaseModel

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """`next` is the cursor of the page after this one; null on the last."""

    items: list[Item]
    next: str | None = None
