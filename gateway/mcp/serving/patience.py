"""How long a call waits for the task it started."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds a call waits for its task: with a client that hears of the progress, and with one that doesn't."""

    heard: float = 300.0
    unheard: float = 45.0
