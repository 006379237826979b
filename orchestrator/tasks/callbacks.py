"""Callbacks of upstream systems: the token in the address is the credential, and names the node run that waits."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from orchestrator.engine.states import LIVE, NodeState
from orchestrator.runtime.callback_tokens import CallbackTokens
from orchestrator.runtime.models import TaskMessage
from orchestrator.runtime.wake_ups.wake import Wake
from orchestrator.tasks import repository

_UNKNOWN = "There is no such callback address"


class CallbackTooLate(Conflict):
    """The node run that waited is over."""

    code = "callback_too_late"


class CallbackService:
    """Stores what upstream systems say; the task's owner hands it to the plugin."""

    def __init__(self, tokens: CallbackTokens, clock: Clock, wake: Wake) -> None:
        self._tokens = tokens
        self._clock = clock
        self._wake = wake

    def run_of(self, token: str) -> str:
        """The node run a token was made for.

        Raises:
            NotFound: no token of ours.
        """
        run_id = self._tokens.run_of(token)
        if run_id is None:
            raise NotFound(_UNKNOWN)
        return run_id

    async def receive(self, session: AsyncSession, run_id: str, data: Any) -> None:
        """Raises:
        NotFound: the task is gone.
        CallbackTooLate: the node run is over.
        """
        found = await repository.find_run_with_owner(session, run_id)
        if found is None:
            raise NotFound(_UNKNOWN)
        run, owner = found
        if NodeState(run.state) not in LIVE:
            raise CallbackTooLate(f"The node that waited for this callback is {run.state} already")
        session.add(
            TaskMessage(
                id=new_id(),
                task_id=run.task_id,
                kind="callback",
                node_id=run.node_id,
                run_id=run.id,
                data={"data": data},
                created_at=self._clock.now(),
            )
        )
        task_id = run.task_id
        after_commit(session, lambda: self._wake(task_id, owner))
