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
        scopes: what the credential is narrowed to; `None` for a session, which is not narrowed.
        confined_to: the id of the only project in which the credential counts.
        request_id: ties audit records and logs to the request.
    """

    kind: PrincipalKind
    id: str
    is_admin: bool = False
    on_behalf_of: str | None = None
    scopes: frozenset[str] | None = None
    confined_to: str | None = None
    project_id: str | None = None
    task_id: str | None = None
    ip: str | None = None
    request_id: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether the credential carries less than its owner's rights: then it makes no other credentials."""
        return self.scopes is not None or self.confined_to is not None


def system_principal(part: str) -> Principal:
    """A background part of the product itself, allowed what its code does."""
    return Principal(kind=PrincipalKind.SYSTEM, id=part, is_admin=True)
