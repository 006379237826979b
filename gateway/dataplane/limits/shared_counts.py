"""Counts shared by all processes and machines, in Redis. One round trip takes all decisions that came up meanwhile."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import redis.asyncio
from redis.exceptions import RedisError

from gateway.dataplane.limits.meters import Charge

# For each decision: look at all its counters; when all have room, count in all. Answers for each decision the number
# of the limit that refused (0: none) and the counts. ARGV is, per decision, the number of limits, then most and
# seconds to live of each; KEYS are the counters in the same order.
_SCRIPT: Final = """
local answer, key, at = {}, 1, 1
while at <= #ARGV do
  local size, refused, counts = tonumber(ARGV[at]), 0, {}
  for i = 1, size do
    counts[i] = tonumber(redis.call('GET', KEYS[key + i - 1]) or '0')
    if refused == 0 and counts[i] >= tonumber(ARGV[at + 2 * i - 1]) then refused = i end
  end
  answer[#answer + 1] = refused
  for i = 1, size do
    if refused == 0 then
      counts[i] = redis.call('INCR', KEYS[key + i - 1])
      if counts[i] == 1 then redis.call('EXPIRE', KEYS[key + i - 1], ARGV[at + 2 * i]) end
    end
    answer[#answer + 1] = counts[i]
  end
  key, at = key + size, at + 2 * size + 1
end
return answer
"""
_PREFIX: Final = "trunkline:limit:"
_MOST_AT_ONCE: Final = 256
_KEPT_LONGER: Final = 60
"""Seconds a count outlives its window, for machines whose clocks are behind."""
_ANSWER_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 1.0
"""After a failure Redis isn't asked for so long: calls must not queue up for it."""

Decision = tuple[int | None, Sequence[int]]
"""Which of the charges refused the call, if one did; and how far each has counted."""


_Waiting = tuple[Sequence[Charge], float, asyncio.Future[Decision]]


class CountsAway(Exception):
    """Redis could not be asked in time."""


class SharedCounts:
    """Belongs to one event loop; close it with ``aclose``."""

    __slots__ = ("_away_until", "_client", "_script", "_sender", "_waiting")

    def __init__(self, url: str) -> None:
        self._client = redis.asyncio.Redis.from_url(
            url, socket_timeout=_ANSWER_SECONDS, socket_connect_timeout=_ANSWER_SECONDS, decode_responses=False
        )
        self._script = self._client.register_script(_SCRIPT)
        self._waiting: list[_Waiting] = []
        self._sender: asyncio.Task[None] | None = None
        self._away_until = 0.0

    async def take(self, charges: Sequence[Charge], now: float) -> Decision:
        """Counts the call by all of its limits or by none; ``now`` in seconds since 1970. Raises CountsAway."""
        if time.monotonic() < self._away_until:
            raise CountsAway
        decided: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._waiting.append((charges, now, decided))
        if self._sender is None:
            self._sender = asyncio.create_task(self._send_all(), name="shared limits")
        return await decided

    async def aclose(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        await self._client.aclose()

    async def _send_all(self) -> None:
        batch: Sequence[_Waiting] = ()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
                await self._send(batch)
        except (RedisError, OSError, TimeoutError):
            self._away_until = time.monotonic() + _PAUSE_SECONDS
        finally:
            self._sender = None
            left, self._waiting = self._waiting, []
            for _, _, decided in (*batch, *left):
                if not decided.done():
                    decided.set_exception(CountsAway())

    async def _send(self, batch: "Sequence[_Waiting]") -> None:
        keys: list[str] = []
        arguments: list[int] = []
        for charges, now, _ in batch:
            arguments.append(len(charges))
            for limit, caller in charges:
                begin, end = limit.window_of(now)
                keys.append(f"{_PREFIX}{limit.name}:{begin}:{caller}")
                arguments += (limit.most, int(end - now) + 1 + _KEPT_LONGER)
        answer: list[int] = await self._script(keys=keys, args=arguments)
        at = 0
        for charges, _, decided in batch:
            refused, counts = answer[at], answer[at + 1 : at + 1 + len(charges)]
            at += 1 + len(charges)
            if not decided.done():  # its caller may have gone
                decided.set_result((refused - 1 if refused else None, counts))
