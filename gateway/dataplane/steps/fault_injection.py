"""Errors and delays on purpose."""

import asyncio
import random

from gateway.dataplane.answer import Answered
from gateway.dataplane.call import Call
from gateway.dataplane.steps.fixed_answer import fixed_answer
from gateway.policies.kinds.fault_injection import Abort, Delay

_ALL = 100


class InjectAbort:
    __slots__ = ("_policy",)

    def __init__(self, policy: Abort) -> None:
        self._policy = policy

    def __call__(self, call: Call) -> None:  # noqa: ARG002 - which calls it meets is left to chance
        policy = self._policy
        if _strikes(policy.percentage):
            raise Answered(fixed_answer(policy.status, policy.headers, policy.body))


class InjectDelay:
    __slots__ = ("_policy",)

    def __init__(self, policy: Delay) -> None:
        self._policy = policy

    async def __call__(self, call: Call) -> None:  # noqa: ARG002 - as above
        if _strikes(self._policy.percentage):
            await asyncio.sleep(self._policy.seconds)


def _strikes(percentage: float) -> bool:
    return random.random() * _ALL < percentage  # noqa: S311 - chance, no secret
