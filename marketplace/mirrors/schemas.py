from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from marketplace.package.manifest import Code
from marketplace.publishers.schemas import PublisherName
from marketplace.versions.schemas import Deprecation

ChannelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
ChangeId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class PluginChange(BaseModel):
    """A version as it stands since `change`.

    `yank_message` is null unless nobody installs it any more; `deprecation` is its plugin's.
    """

    model_config = ConfigDict(from_attributes=True)

    change: ChangeId
    code: Code
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
    publisher: PublisherName
    digest: Digest
    channel: ChannelName
    yank_message: Annotated[str | None, Field(max_length=1000)]
    deprecation: Deprecation | None


class PluginChanges(BaseModel):
    """`after` of the next request is the last item's `change`; `more` tells that there are more now.

    What was changed by several at once can come a moment late, with an older `change` than one that was read: whoever
    follows begins a little before what he read last.
    """

    items: list[PluginChange]
    more: bool


class MirrorBody(BaseModel):
    """What is followed, and how often; empty lists narrow nothing.

    Attributes:
        token: an API token of the other installation; left out keeps the one there is, null forgets it.
        plugins: codes, in which `*` stands for any text.
    """

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^https?://[\x21-\x7e]+$")]
    token: Annotated[SecretStr | None, Field(min_length=1, max_length=500)] = None
    publishers: Annotated[list[PublisherName], Field(max_length=200)] = []
    plugins: Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9_*]{1,64}$")]], Field(max_length=200)] = []
    channels: Annotated[list[ChannelName], Field(max_length=20)] = []
    every_minutes: Annotated[int, Field(strict=True, ge=1, le=10_080)] = 60
    enabled: Annotated[bool, Field(strict=True)] = True


class MirrorCounts(BaseModel):
    """How many versions; `present` were published here before, with the same content."""

    taken: int = 0
    waiting: int = 0
    present: int = 0
    refused: int = 0


class MirrorView(BaseModel):
    """`problem` is why the last round did not come to its end; `last_success_at` is when one last did."""

    name: str
    url: str
    has_token: bool
    publishers: list[str]
    plugins: list[str]
    channels: list[str]
    every_minutes: int
    enabled: bool
    next_round_at: datetime
    last_round_at: datetime | None
    last_success_at: datetime | None
    problem: str
    versions: MirrorCounts
    created_by: str
    created_at: datetime


class MirroredVersionView(BaseModel):
    """What became of a version of the other installation here, and when; `lacks` are the plugins that a flow needs, by
    code, with the range of versions of which the catalogue here offers none.
    """

    plugin_code: str
    version: str
    publisher: str
    digest: str
    channel: str
    state: Literal["taken", "waiting", "present", "refused"]
    problem: str
    at: datetime
    lacks: dict[str, str]
