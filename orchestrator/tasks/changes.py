"""Who in this process waits for news of a task."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class TaskChanges:
    """The runtime tells here that it has committed; streams and waiting answers listen. Only of this process."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.closing = asyncio.Event()

    def tell(self, task_id: str) -> None:
        """Something of the task became durable."""
        for event in self._waiting.get(task_id, ()):
            event.set()

    @contextmanager
    def listen(self, task_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the task changes; who waits clears it before looking."""
        event = asyncio.Event()
        self._waiting.setdefault(task_id, set()).add(event)
        try:
            yield event
        finally:
            waiting = self._waiting[task_id]
            waiting.discard(event)
            if not waiting:
                del self._waiting[task_id]

    def close(self) -> None:
        """Ends every stream."""
        self.closing.set()
        for waiting in self._waiting.values():
            for event in waiting:
                event.set()
