"""Whose turn it is at a lock. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple


class Claim(NamedTuple):
    """A node run that holds a lock, or waits for it.

    Attributes:
        limit: how many may hold it, as the node says that waits.
        is_waiting: nobody has given it the lock yet.
    """

    project_id: str
    key: str
    run_id: str
    task_id: str
    is_waiting: bool
    limit: int


def granted(claims: Iterable[Claim]) -> list[Claim]:
    """Those that may begin now, of claims in the order they were made. Nobody overtakes who waits for the same key."""
    claims = list(claims)
    holders = Counter((claim.project_id, claim.key) for claim in claims if not claim.is_waiting)
    blocked: set[tuple[str, str]] = set()
    turns = []
    for claim in claims:
        lock = claim.project_id, claim.key
        if not claim.is_waiting or lock in blocked:
            continue
        if holders[lock] < claim.limit:
            holders[lock] += 1
            turns.append(claim)
        else:
            blocked.add(lock)
    return turns
