"""How long a pipeline's token proves who a publisher is. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_WARNED: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ProofLife:
    """Attributes:
    length: since the last token; nothing stands for ever.
    """

    length: timedelta

    def until(self, last_used_at: datetime | None) -> datetime | None:
        """When the proof lapses unless another token comes; none where it never does, or there is none."""
        return last_used_at + self.length if last_used_at is not None and self.length else None

    @property
    def warning(self) -> timedelta:
        """How long before that the owner is told."""
        return min(_WARNED, self.length / 2)
