"""The states of a delivery.

::

    waiting ──> handing_over ──> sent
       ^             │     └───> failed, unknown
       └─────────────┘  (not taken now, or broken off; while tries are left)

`waiting`: nobody outside has it. `handing_over`: from just before the outside may have it. `unknown`: the outside broke
off each time without a word. `duplicate`: the same was sent to the same address a short while ago. `muted`: the
receiver does not want such messages.
"""

from typing import Final

WAITING: Final = "waiting"
HANDING_OVER: Final = "handing_over"
SENT: Final = "sent"
FAILED: Final = "failed"
UNKNOWN: Final = "unknown"
DUPLICATE: Final = "duplicate"
MUTED: Final = "muted"

WRONG: Final = frozenset({FAILED, UNKNOWN})
"""The receiver has not got it, or perhaps not."""
