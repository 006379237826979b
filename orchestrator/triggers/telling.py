"""Telling tasks of what came for a trigger: by the rights its owner has at that moment."""

import hashlib
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.profiles import Profiles
from kernel.errors import PermissionDenied
from orchestrator.launch.absent import Refused, person
from orchestrator.triggers.models import Trigger
from orchestrator.waiting.service import EventService, Told

_KEPT: Final = timedelta(days=1)
_LONGEST_KEY: Final = 200
_LONGEST_ID: Final = 128


class EventTelling:
    """Tells in the caller's transaction."""

    def __init__(self, events: EventService, profiles: Profiles) -> None:
        self._events = events
        self._profiles = profiles

    async def tell(
        self, session: AsyncSession, trigger: Trigger, came: str, key: str, data: dict[str, Any]
    ) -> Refused | None:
        """Why it was not told; none when it was.

        Args:
            came: names what came: the same is told once.
        """
        if len(key) > _LONGEST_KEY:
            return Refused(f"the key of the event has {len(key)} characters, at most {_LONGEST_KEY}")
        if not await self._profiles.find(session, [trigger.owner]):
            return Refused(f"{trigger.owner} may not sign in any more", lacks_right=True)
        told = Told(trigger.event, key, data, _given_id(trigger.id, came), _KEPT)
        try:
            await self._events.tell(session, person(trigger.owner), trigger.project_id, told)
        except PermissionDenied as error:
            return Refused(error.detail, lacks_right=True)
        return None


def _given_id(trigger_id: str, came: str) -> str:
    """Two that differ only at their ends are two."""
    named = f"{trigger_id}:{came}"
    return named if len(named) <= _LONGEST_ID else f"{trigger_id}:{hashlib.sha256(came.encode()).hexdigest()}"
