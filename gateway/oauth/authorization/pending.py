"""A request while a person is asked, on its way through his browser: sealed, so that nobody can change it there."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from kernel.errors import Conflict, Invalid
from kernel.secrets import SecretBox, SecretUnreadable

_PURPOSE: Final = "oauth authorization request"
_PATIENCE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Pending:
    parameters: dict[str, str]
    received_at: datetime


class PendingRequests:
    def __init__(self, secrets: SecretBox) -> None:
        self._secrets = secrets

    def seal(self, pending: Pending) -> str:
        said = {"parameters": pending.parameters, "received_at": pending.received_at.timestamp()}
        return self._secrets.seal(json.dumps(said, separators=(",", ":")).encode(), _PURPOSE)

    def open(self, sealed: str, now: datetime) -> Pending:
        """Raises Invalid for what isn't ours, and Conflict when the person took too long."""
        try:
            said = json.loads(self._secrets.open(sealed, _PURPOSE))
        except SecretUnreadable as error:
            raise Invalid.field("request", "is none of ours", "Go back to the app and start again") from error
        pending = Pending(said["parameters"], datetime.fromtimestamp(said["received_at"], UTC))
        if now - pending.received_at > _PATIENCE:
            raise Conflict("The app's request is too old; go back to it and start again", code="request_expired")
        return pending
