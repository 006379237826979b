"""Which policies hold for a component: the more specific beats the more general."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.policies.kinds.policy import Config, Level, Policy


@dataclass(frozen=True, slots=True)
class Placed:
    """A policy where it stands.

    Attributes:
        place: what shares its counts: `cmdb`, `cmdb/prod`, `cmdb/prod/search_host`, or the code of an app.
    """

    level: Level
    place: str
    config: Config


Effective = Mapping[str, Placed]
"""By kind."""

NOTHING: Final[Effective] = MappingProxyType({})


def placed(base: Effective, level: Level, place: str, policies: Iterable[Policy]) -> Effective:
    """`base` with the policies of a more specific place put over it; `base` itself when there are none."""
    own = {policy.kind: Placed(level, place, policy.config) for policy in policies}
    return MappingProxyType({**base, **own}) if own else base
