"""What the tools refuse, with the numbers they answer."""

from kernel.envelope import ComponentError
from kernel.http.component_app import ErrorCodes

CODES = ErrorCodes(parameters=1306406, key_reused=1306409, unknown_component=1306404, internal=1306499)


class ParameterWrong(ComponentError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(CODES.parameters, f"{field}: {problem}")


class NotListed(ComponentError):
    """No operator listed the address."""

    def __init__(self, origin: str) -> None:
        remedy = f"have the operator add {origin} to TRUNKLINE_HTTP_REQUEST_ORIGINS"
        super().__init__(1306403, f"url: {origin} is not among the addresses that may be called; {remedy}")


class NotReached(ComponentError):
    def __init__(self, origin: str, why: str) -> None:
        super().__init__(1306201, f"{origin} can't be reached: {why}")


class NotExpected(ComponentError):
    """It answered, and not as it should."""

    def __init__(self, what: str) -> None:
        super().__init__(1306202, what)
