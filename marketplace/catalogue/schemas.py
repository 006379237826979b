from datetime import datetime

from pydantic import BaseModel

from marketplace.advisories.schemas import AdvisoryView
from marketplace.package.manifest import LocalizedText
from marketplace.versions.schemas import Deprecation


class RunsView(BaseModel):
    """How runs ended in the last 30 days, in all projects; `rate` is the part that succeeded, null of none."""

    succeeded: int
    failed: int
    rate: float | None


class VersionSummaryView(BaseModel):
    """`yank_message` is null unless nobody installs it any more; `advisories` hold for it now."""

    version: str
    digest: str
    published_at: datetime
    published_by: str
    channel: str
    yank_message: str | None
    advisories: list[AdvisoryView]
    runs: RunsView


class BuiltInView(BaseModel):
    """What a node of the kind `node` does in every flow; nothing is installed for it.

    `code` is the plugin's that does it in Standard OPS.
    """

    code: str
    node: str
    name: LocalizedText
    description: LocalizedText


class FacetValue(BaseModel):
    value: str
    count: int


class Facets(BaseModel):
    """How many plugins are found, and how many of them have which property, the commonest first.

    Attributes:
        meant: words close to those that were looked for, where nothing was found and these lead somewhere.
    """

    total: int
    facets: dict[str, list[FacetValue]]
    meant: str | None


class PluginView(BaseModel):
    """`versions` begins with the newest publication.

    Attributes:
        owner: who may speak for it, beside administrators: publish versions, yank, deprecate, warn.
        kind: of its latest version; empty where every version is yanked.
        verified_domain: the publisher's, as its DNS says; null where it doesn't.
        verified_identity: whose token has proven who the publisher is, and its issuer; null where none has.
        requires: the range of this product's versions that its latest version asks for.
        installs: counts projects that installed it, or of a flow took it.
        channels: the highest version of each.
    """

    code: str
    name: LocalizedText
    description: LocalizedText
    latest_version: str
    tags: list[str]
    publisher: str
    owner: str
    kind: str
    verified_domain: str | None
    verified_identity: str | None
    requires: str | None
    created_at: datetime
    updated_at: datetime
    installs: int
    downloads: int
    runs: RunsView
    channels: dict[str, str]
    deprecation: Deprecation | None
    versions: list[VersionSummaryView]
