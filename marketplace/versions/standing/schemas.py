from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from marketplace.versions.schemas import Deprecation

Line = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class YankBody(_Body):
    """`message` tells those who use the version what to do instead."""

    message: Line


class ChannelBody(_Body):
    channel: Channel


class DeprecationBody(_Body):
    """`replacement` is a plugin's code; from `ends_on` nobody should use this one any more."""

    replacement: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")] = None
    ends_on: date | None = None
    message: Line

    def deprecation(self) -> Deprecation:
        return Deprecation(replacement=self.replacement, ends_on=self.ends_on, message=self.message)
