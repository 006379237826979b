"""What the job system refuses, with the numbers it answers."""

from kernel.envelope import ComponentError
from kernel.http.component_app import ErrorCodes

CODES = ErrorCodes(parameters=1241001, key_reused=1241409, unknown_component=1241404, internal=1241999)


class ParameterWrong(ComponentError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(CODES.parameters, f"{field}: {problem}")
        self._field = field
        self._problem = problem

    def inside(self, field: str) -> "ParameterWrong":
        """The same of a parameter that holds the one named."""
        return ParameterWrong(f"{field}.{self._field}", self._problem)


class Missing(ComponentError):
    def __init__(self, what: str) -> None:
        super().__init__(1244006, what)


class NotNow(ComponentError):
    def __init__(self, why: str) -> None:
        super().__init__(1244008, why)
