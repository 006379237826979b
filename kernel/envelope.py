"""The shape in which BlueKing components answer, and the error that becomes one.

HTTP 200 carries success and refusal alike; `result` tells them apart (reference: BlueKing ESB, standard components).
"""

from typing import Any

OK_MESSAGE = "success"


class ComponentError(Exception):
    """A component refuses: rendered as `result: false` with this code and message.

    Args:
        status: the HTTP status; 200 by the habit of these interfaces.
        data: what the caller may still use of a partial success.
    """

    def __init__(self, code: int, message: str, *, status: int = 200, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data = data


def success(data: Any) -> dict[str, Any]:
    return {"result": True, "code": 0, "message": OK_MESSAGE, "data": data, "permission": None}


def failure(code: int, message: str, data: Any = None) -> dict[str, Any]:
    return {"result": False, "code": code, "message": message, "data": data, "permission": None}
