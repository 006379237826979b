from enum import StrEnum

from pydantic import BaseModel


class BundleOutcome(StrEnum):
    """WAITING: it asks for more than the version before, and somebody has to approve it."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    WAITING = "waiting"


class BundleResult(BaseModel):
    code: str
    version: str
    digest: str
    outcome: BundleOutcome


class BundleReport(BaseModel):
    """What became of each package; `flows` counts those in the bundle, which projects import for themselves."""

    packages: list[BundleResult]
    flows: int
