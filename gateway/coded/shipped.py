"""The coded components that come with the product."""

from typing import Any, Final

from gateway.coded.component import Component
from gateway.coded.hosts.resolve_hosts import SYSTEM, ResolveHosts

SHIPPED: Final[tuple[Component[Any], ...]] = (ResolveHosts(),)
SHIPPED_SYSTEMS: Final = frozenset({SYSTEM})
