"""What the inventory refuses, with the numbers it answers."""

from typing import Any

from kernel.envelope import ComponentError
from kernel.http.component_app import ErrorCodes

CODES = ErrorCodes(parameters=1199006, key_reused=1199409, unknown_component=1199404, internal=1199999)


class ParameterWrong(ComponentError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(CODES.parameters, f"{field}: {problem}")


class Missing(ComponentError):
    def __init__(self, what: str) -> None:
        super().__init__(1199019, what)


class Duplicate(ComponentError):
    def __init__(self, what: str) -> None:
        super().__init__(1199014, what)


class TransferRefused(ComponentError):
    def __init__(self, why: str) -> None:
        super().__init__(1110027, why)


class InUse(ComponentError):
    def __init__(self, why: str) -> None:
        super().__init__(1199056, why)


class CursorTooOld(ComponentError):
    """BlueKing's number for an event that its chain of events no longer has."""

    def __init__(self, why: str) -> None:
        super().__init__(1103007, why)


class ImportRefused(ComponentError):
    def __init__(self, why: str, rows: list[dict[str, Any]]) -> None:
        super().__init__(1199075, why, data={"refused": rows})
