"""What the notification system refuses, with the numbers it answers."""

from kernel.envelope import ComponentError
from kernel.http.component_app import ErrorCodes

CODES = ErrorCodes(parameters=1306406, key_reused=1306409, unknown_component=1306404, internal=1306499)


NOT_DELIVERED = 1306000
"""To some or all receivers; `data` says to whom."""


class ParameterWrong(ComponentError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(CODES.parameters, f"{field}: {problem}")
        self.field = field
        self.problem = problem
