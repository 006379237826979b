"""Tokens of tasks, kept until shortly before they expire."""

import asyncio
from collections import OrderedDict

from kernel.clock import Clock
from kernel.contracts.plugin_invoker import PluginCall
from kernel.contracts.task_tokens import TaskToken, TaskTokenMinter

_MARGIN_SECONDS = 60
_Key = tuple[str, str, str, str, frozenset[str]]


class TaskTokens:
    """One token per task, person and scopes; those who ask at once share one minting."""

    def __init__(self, minter: TaskTokenMinter, clock: Clock, size: int = 10_000) -> None:
        self._minter = minter
        self._clock = clock
        self._size = size
        self._kept: OrderedDict[_Key, TaskToken] = OrderedDict()
        self._minting: dict[_Key, asyncio.Task[TaskToken]] = {}

    async def token(self, call: PluginCall, scopes: frozenset[str]) -> TaskToken:
        """A token good for another minute at least, as far as its minter gives that long."""
        key = (call.project_id, call.task_id, call.on_behalf_of, call.launched_by, scopes)
        kept = self._kept.get(key)
        if kept is not None and kept.expires_at - _MARGIN_SECONDS > self._clock.now().timestamp():
            return kept
        task = self._minting.get(key)
        if task is None:
            task = self._minting[key] = asyncio.create_task(self._mint(key))
        return await asyncio.shield(task)

    def drop(self, token: TaskToken) -> None:
        """Forgets a token the gateway no longer takes."""
        for key in [key for key, kept in self._kept.items() if kept is token]:
            del self._kept[key]
        self._minter.forget()

    async def _mint(self, key: _Key) -> TaskToken:
        project_id, task_id, on_behalf_of, launched_by, scopes = key
        try:
            token = await self._minter.mint(
                project_id=project_id,
                task_id=task_id,
                on_behalf_of=on_behalf_of,
                scopes=scopes,
                launched_by=launched_by,
            )
            self._kept.pop(key, None)
            if scopes <= token.scopes:  # one that lacks a grant is asked for again: the grant may come any moment
                self._kept[key] = token
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return token
        finally:
            self._minting.pop(key, None)
