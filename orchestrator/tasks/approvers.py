"""Whom a node asks to decide, and who of them still can."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.profiles import Profiles


@dataclass(frozen=True, slots=True)
class Approvers:
    """Attributes:
    names: in the flow's order; none where whoever operates the task decides.
    absent: those of them who may not sign in: their accounts are disabled, or there are none.
    """

    names: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def present(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self.absent)


async def approvers_of(session: AsyncSession, profiles: Profiles, asked: Mapping[str, Any] | None) -> Approvers:
    """Args:
    asked: what a node that waits for a decision asks; see `engine.kinds.decision`.
    """
    names: tuple[str, ...] = tuple((asked or {}).get("approvers") or ())
    if not names:
        return Approvers()
    known = await profiles.find(session, names)
    return Approvers(names, tuple(name for name in names if name not in known))
