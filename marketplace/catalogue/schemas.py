from datetime import datetime

from pydantic import BaseModel

from marketplace.package.manifest import LocalizedText


class VersionSummaryView(BaseModel):
    version: str
    digest: str
    published_at: datetime
    published_by: str


class PluginView(BaseModel):
    """`installs` counts projects; `versions` begins with the newest publication."""

    code: str
    name: LocalizedText
    description: LocalizedText
    latest_version: str
    tags: list[str]
    publisher: str
    installs: int
    versions: list[VersionSummaryView]
