"""Which policies hold for a component: of cumulative kinds all that stand anywhere, of the others the most specific."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gateway.policies.kinds.policy import Config, Level, Policy
from gateway.policies.kinds.registry import KINDS
from gateway.snapshot.model.planned import Planned


@dataclass(frozen=True, slots=True)
class Placed:
    """A policy where it stands.

    Attributes:
        place: what shares its counts: `cmdb`, `cmdb/prod`, `cmdb/prod/search_host`, or the code of an app.
    """

    level: Level
    place: str
    config: Config
    planned: Planned = field(default_factory=Planned, repr=False, compare=False)

    def __str__(self) -> str:
        """`stage cmdb/prod`, as a caller is told."""
        return f"{self.level} {self.place}"


Effective = Mapping[str, tuple[Placed, ...]]
"""By kind, the most general place first; several only of a cumulative kind."""

NOTHING: Final[Effective] = MappingProxyType({})


def placed(base: Effective, level: Level, place: str, policies: Iterable[Policy]) -> Effective:
    """What holds at a more specific place than `base`'s; `base` itself when nothing stands there."""
    own: dict[str, tuple[Placed, ...]] = {}
    for policy in policies:
        general = base.get(policy.kind, ()) if KINDS[policy.kind].is_cumulative else ()
        own[policy.kind] = (*general, Placed(level, place, policy.config))
    return MappingProxyType({**base, **own}) if own else base


def most_specific(policies: Effective, kind: str) -> Placed | None:
    """The policy of a kind that isn't cumulative."""
    standing = policies.get(kind)
    return standing[-1] if standing else None
