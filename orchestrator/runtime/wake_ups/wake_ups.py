"""Whom a process wakes: its own worker, or by Redis the one that has the task, or any."""

from typing import TYPE_CHECKING

from orchestrator.runtime.worker import Worker

if TYPE_CHECKING:
    from orchestrator.runtime.wake_ups.carrier import WakeReceiver, WakeSender


class WakeUps:
    """See `Wake`.

    Args:
        worker: of this process, if it has one.
        redis_url: where wake-ups travel; empty leaves workers of other processes to their sweeps.
    """

    def __init__(self, worker: Worker | None, redis_url: str) -> None:
        self._worker = worker
        self._sender: WakeSender | None = None
        self._receiver: WakeReceiver | None = None
        if redis_url:
            # Loading Taskiq takes long, and most installations are one process.
            from orchestrator.runtime.wake_ups import carrier  # noqa: PLC0415

            self._sender = carrier.WakeSender(redis_url, self._wake_own)
            if worker is not None:
                self._receiver = carrier.WakeReceiver(redis_url, worker.id, worker.wake, worker.has_room)

    def __call__(self, task_id: str, owner: str | None = None) -> None:
        worker = self._worker
        if self._sender is None or (worker is not None and (owner == worker.id or worker.has(task_id))):
            self._wake_own(task_id)
        else:
            self._sender.send(task_id, owner or "")

    def start(self) -> None:
        """Begins to take what others send."""
        if self._receiver is not None:
            self._receiver.start()

    async def stop(self) -> None:
        if self._receiver is not None:
            await self._receiver.stop()
        if self._sender is not None:
            await self._sender.stop()

    def _wake_own(self, task_id: str) -> None:
        if self._worker is not None:
            self._worker.wake(task_id)
