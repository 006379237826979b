"""What an API token may be narrowed to. Pure.

A scope is `read` (whatever its owner may see), an area such as `flow` (whatever he may do with flows), or an area's
reading half such as `flow:read`. A token with several carries them all together, and never more than its owner may.
"""

from collections.abc import Iterable
from typing import Final

from kernel.contracts.authorizer import Action

READ: Final = "read"

_READING: Final = frozenset(
    {Action.SYSTEM_VIEW, Action.PROJECT_VIEW, Action.FLOW_VIEW, Action.TASK_VIEW, Action.AUDIT_VIEW}
)
_AREAS: Final = tuple(dict.fromkeys(action.value.partition(".")[0] for action in Action))

TOKEN_SCOPES: Final = (
    READ,
    *_AREAS,
    *(f"{area}:{READ}" for area in _AREAS if any(each.value.startswith(f"{area}.") for each in _READING)),
)
"""Every scope there is."""


def scopes_cover(scopes: Iterable[str], action: Action) -> bool:
    """Whether a token with `scopes` carries its owner's right to `action`."""
    area = action.value.partition(".")[0]
    enough = {area, READ, f"{area}:{READ}"} if action in _READING else {area}
    return not enough.isdisjoint(scopes)


def only_read(scopes: Iterable[str]) -> bool:
    """Whether a token with `scopes` may change nothing."""
    return all(scope == READ or scope.endswith(f":{READ}") for scope in scopes)
