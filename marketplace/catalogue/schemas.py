from datetime import datetime

from pydantic import BaseModel

from marketplace.advisories.schemas import AdvisoryView
from marketplace.package.manifest import LocalizedText
from marketplace.versions.schemas import Deprecation


class VersionSummaryView(BaseModel):
    """`yank_message` is null unless nobody installs it any more; `advisories` hold for it now."""

    version: str
    digest: str
    published_at: datetime
    published_by: str
    channel: str
    yank_message: str | None
    advisories: list[AdvisoryView]


class PluginView(BaseModel):
    """`versions` begins with the newest publication.

    Attributes:
        installs: counts projects.
        channels: the highest version of each.
    """

    code: str
    name: LocalizedText
    description: LocalizedText
    latest_version: str
    tags: list[str]
    publisher: str
    installs: int
    channels: dict[str, str]
    deprecation: Deprecation | None
    versions: list[VersionSummaryView]
