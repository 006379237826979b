"""How the rest of the product tells the runtime that a task has something to do."""

from typing import Protocol


class Wake(Protocol):
    def __call__(self, task_id: str, owner: str | None = None) -> None:
        """Says that the task has something to do; a wake-up that is lost costs one sweep.

        Args:
            owner: the worker that had the task when it was last looked at.
        """
        ...
