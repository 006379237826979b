"""What the components of Standard OPS refuse, with its numbers.

Source: TencentBlueKing/bk-sops, gcloud/err_code.py.
"""

from typing import Final

from kernel.envelope import ComponentError
from kernel.errors import Conflict, Invalid, NotFound, PermissionDenied
from kernel.http.component_app import ErrorCodes

PARAMETERS: Final = 3540000
FORBIDDEN: Final = 3540100
NOT_FOUND: Final = 3540400
INVALID_OPERATION: Final = 3545000

CODES: Final = ErrorCodes(
    parameters=PARAMETERS,
    key_reused=INVALID_OPERATION,
    unknown_component=NOT_FOUND,
    internal=3599999,
    refusals=(
        (PermissionDenied, FORBIDDEN),
        (NotFound, NOT_FOUND),
        (Conflict, INVALID_OPERATION),
        (Invalid, PARAMETERS),
    ),
)


class NoPerson(ComponentError):
    def __init__(self, app: str) -> None:
        super().__init__(
            FORBIDDEN,
            f"the app {app} calls for nobody: flows are run by people; send a user's access token or bk_token, or "
            "bk_username if the app may name its user",
        )


class UnknownPerson(ComponentError):
    def __init__(self, user: str) -> None:
        super().__init__(FORBIDDEN, f"there is no user {user} here, or he may not sign in")


class ActsForAnother(ComponentError):
    def __init__(self, user: str) -> None:
        super().__init__(
            FORBIDDEN,
            f"the task calls in the name of its executor {user}: by that it changes no flows and no tasks, which would "
            f"take more than {user} has consented to; let the node call for who launches the task",
        )


class NotHere(ComponentError):
    """What was named is not in the project that was named."""

    def __init__(self, what: str, number: object) -> None:
        super().__init__(NOT_FOUND, f"the project has no {what} {number}")


class ParameterWrong(ComponentError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(PARAMETERS, f"{field}: {problem}")
