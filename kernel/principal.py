"""Who calls."""

from dataclasses import dataclass
from enum import StrEnum


class PrincipalKind(StrEnum):
    USER = "user"
    APP = "app"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of an operation, as established at the edge.

    Attributes:
        id: user name, app code, or the name of a background part for `SYSTEM`.
        on_behalf_of: the person an app or task acts for.
        task_id: the task that calls, when one does.
        scopes: OAuth scopes of the credential; `None` for a session, which is not narrowed.
        request_id: ties audit records and logs to the request.
    """

    kind: PrincipalKind
    id: str
    is_admin: bool = False
    on_behalf_of: str | None = None
    scopes: frozenset[str] | None = None
    project_id: str | None = None
    task_id: str | None = None
    ip: str | None = None
    request_id: str = ""


def system_principal(part: str) -> Principal:
    """A background part of the product itself, allowed what its code does."""
    return Principal(kind=PrincipalKind.SYSTEM, id=part, is_admin=True)
