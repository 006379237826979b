from typing import Any


class Planned:
    """A cell the data plane fills on first use with what it computes once: a route's plan, an upstream's signer."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None
