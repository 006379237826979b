"""The errors every unit raises and the edge renders.

TrunklineError
  x BadRequest 400       the request can't be read
  x NotAuthenticated 401 nobody, or a credential that doesn't hold
  x PermissionDenied 403 somebody, but not allowed
  x NotFound 404
  x Conflict 409         the state doesn't allow it now
  x PayloadTooLarge 413
  x UnsupportedMedia 415
  x Invalid 422          readable, but a field is wrong
  x TooManyRequests 429
  x Unavailable 503      a part we stand on is away; try again
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar

Param = str | int | float | tuple[str, ...]
"""A value that a sentence names."""


_LISTED = 5


@dataclasses.dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong field.

    Attributes:
        field: where, as a dotted path or JSON pointer the caller can find again.
        problem: what is wrong with it.
        remedy: what to send instead; empty when `problem` says it already.
        code: of `kernel.wording.Wording`, which says the same in other languages; empty of what has English alone.
        params: the values the sentence names.
    """

    field: str
    problem: str
    remedy: str = ""
    code: str = dataclasses.field(default="", compare=False)
    params: Mapping[str, Param] = dataclasses.field(default_factory=dict, compare=False)


def listed(problems: Sequence[FieldProblem]) -> str:
    """The first few problems in one line."""
    return "; ".join(f"{each.field}: {each.problem}" for each in problems[:_LISTED])


class TrunklineError(Exception):
    """Base of all expected errors; `detail` is written for the person who called."""

    status: ClassVar[int] = 500
    code: str = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        fields: Sequence[FieldProblem] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)
        self.headers = headers or {}
        if code is not None:
            self.code = code


class BadRequest(TrunklineError):
    status = 400
    code = "bad_request"
    title = "The request can't be read"


class NotAuthenticated(TrunklineError):
    status = 401
    code = "not_authenticated"
    title = "Sign in or send a valid token"


class PermissionDenied(TrunklineError):
    status = 403
    code = "permission_denied"
    title = "Not allowed"


class NotFound(TrunklineError):
    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(TrunklineError):
    status = 409
    code = "conflict"
    title = "Not possible in the present state"


class PayloadTooLarge(TrunklineError):
    status = 413
    code = "payload_too_large"
    title = "The body is too large"


class UnsupportedMedia(TrunklineError):
    status = 415
    code = "unsupported_media_type"
    title = "The body's type is not accepted here"


class Invalid(TrunklineError):
    status = 422
    code = "invalid"
    title = "Some fields are wrong"

    @classmethod
    def field(cls, field: str, problem: str, remedy: str = "") -> "Invalid":
        """The common case of one wrong field."""
        return cls(f"{field}: {problem}", fields=[FieldProblem(field, problem, remedy)])

    @classmethod
    def of(cls, *problems: FieldProblem) -> "Invalid":
        """What is wrong, of which the first few are told in the detail too."""
        return cls(listed(problems), fields=problems)


class TooManyRequests(TrunklineError):
    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class Unavailable(TrunklineError):
    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
