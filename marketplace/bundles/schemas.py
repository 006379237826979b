from enum import StrEnum

from pydantic import BaseModel


class BundleOutcome(StrEnum):
    """WAITING: it asks for more than the version before, and somebody has to approve it.

    REFUSED: by a preview alone; a bundle with one of these is not taken.
    """

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    REFUSED = "refused"


class BundleResult(BaseModel):
    """`problems` are why it would be refused, or what it asks for more than the version before; `lacks` the plugins
    that a flow needs, by code, with the range of versions of which the catalogue here offers none.
    """

    code: str
    version: str
    digest: str
    outcome: BundleOutcome
    problems: list[str] = []
    lacks: dict[str, str] = {}


class BundleReport(BaseModel):
    """What became of each package; `flows` counts those in the bundle, which projects import for themselves."""

    packages: list[BundleResult]
    flows: int
