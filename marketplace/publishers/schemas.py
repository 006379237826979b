from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PublisherName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]


class NamespaceBody(BaseModel):
    """The publishers that may publish new plugins under the prefix."""

    model_config = ConfigDict(extra="forbid")

    publishers: Annotated[list[PublisherName], Field(min_length=1, max_length=50)]


class NamespaceView(BaseModel):
    prefix: str
    publishers: list[str]
    reserved_by: str
    reserved_at: datetime


class PublisherView(BaseModel):
    name: str
    owner: str
    created_at: datetime
