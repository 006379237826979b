"""Answers that stand in a policy."""

from collections.abc import Mapping

from gateway.dataplane.answer import Answer, Answered
from gateway.dataplane.call import Call
from gateway.policies.kinds.mock import Mock
from gateway.policies.kinds.redirect import Redirect


def fixed_answer(status: int, headers: Mapping[str, str], body: str) -> Answer:
    """As an upstream would have given it, so that the stage's envelope and rewriting hold for it too."""
    return Answer(status, [(name.encode(), value.encode()) for name, value in headers.items()], body.encode())


class AnswerMock:
    __slots__ = ("_policy",)

    def __init__(self, policy: Mock) -> None:
        self._policy = policy

    def __call__(self, call: Call) -> None:  # noqa: ARG002 - the answer is the same for every call
        policy = self._policy
        raise Answered(fixed_answer(policy.status, policy.headers, policy.body))


class AnswerRedirect:
    __slots__ = ("_policy",)

    def __init__(self, policy: Redirect) -> None:
        self._policy = policy

    def __call__(self, call: Call) -> None:
        location = self._policy.location
        query = call.target.partition("?")[2]
        if self._policy.append_query and query:
            location = f"{location}{'&' if '?' in location else '?'}{query}"
        headers = [(b"location", location.encode("latin-1"))]
        raise Answered(Answer(self._policy.status, headers, b"", is_final=True))
