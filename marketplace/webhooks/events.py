"""What can be told of the catalogue. Pure."""

from enum import StrEnum


class CatalogueEvent(StrEnum):
    """SUBMITTED: a package waits in quarantine; APPROVED, REJECTED, WITHDRAWN: what became of it."""

    PUBLISHED = "plugin.published"
    SUBMITTED = "plugin.submitted"
    APPROVED = "plugin.approved"
    REJECTED = "plugin.rejected"
    WITHDRAWN = "plugin.withdrawn"
    CHANNEL_CHANGED = "plugin.channel_changed"
    YANKED = "plugin.yanked"
    UNYANKED = "plugin.unyanked"
    DEPRECATED = "plugin.deprecated"
    UNDEPRECATED = "plugin.undeprecated"
    ADVISORY_PUBLISHED = "plugin.advisory_published"
    ADVISORY_CHANGED = "plugin.advisory_changed"
    ADVISORY_WITHDRAWN = "plugin.advisory_withdrawn"
    VERIFIED = "publisher.verified"
    VERIFICATION_LOST = "publisher.verification_lost"
