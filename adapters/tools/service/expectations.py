"""What an answer must be like. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.tools.service.errors import NotExpected, ParameterWrong
from adapters.tools.service.schemas import HttpRequest
from kernel.expressions.conditions import Condition, compile_condition
from kernel.expressions.errors import ExpressionError

_NAMES: Final = frozenset({"resp", "status_code"})
_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Expectation:
    """Attributes:
    statuses: ranges of HTTP statuses, both ends among them.
    """

    statuses: tuple[tuple[int, int], ...]
    success: Condition | None

    @classmethod
    def of(cls, asked: HttpRequest) -> "Expectation":
        """Raises:
        ParameterWrong: the condition can't be read, or names something else than the answer.
        """
        return cls(tuple(_range(part) for part in asked.expected_status.split(",")), _condition(asked.success))

    def check(self, status: int, data: Any) -> None:
        """Raises:
        NotExpected: saying what was answered.
        """
        if not any(first <= status <= last for first, last in self.statuses):
            raise NotExpected(f"the answer has the status {status}: {str(data)[:_SHOWN]}")
        if self.success is not None and not self._holds(self.success, {"resp": data, "status_code": status}):
            raise NotExpected(f"the answer doesn't fulfil {self.success.source}: {str(data)[:_SHOWN]}")

    def _holds(self, success: Condition, values: Mapping[str, Any]) -> bool:
        try:
            return success.holds(values)
        except ExpressionError as error:
            raise NotExpected(f"success can't be decided: {error.message}") from None


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.strip().partition("-")
    return int(first), int(last or first)


def _condition(source: str) -> Condition | None:
    if not source.strip():
        return None
    try:
        condition = compile_condition(source)
    except ExpressionError as error:
        raise ParameterWrong("success", error.message) from None
    unknown = sorted({path[0] for path in condition.paths} - _NAMES - condition.macro_names)
    if unknown:
        raise ParameterWrong("success", f"{unknown[0]} is not known; there are resp and status_code")
    return condition
