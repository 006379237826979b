"""With what a source lets us read: sealed, opened only to read."""

import json
from dataclasses import asdict, dataclass, field
from typing import Final

from kernel.secrets import SecretBox

PURPOSE: Final = "job file source"


@dataclass(frozen=True, slots=True)
class Credential:
    """Attributes:
    username, password: of an HTTP source (RFC 7617). token: instead of these, a bearer token (RFC 6750).
    access_key, secret_key: of an S3 source.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    @property
    def kind(self) -> str:
        """What may be told of it."""
        if self.secret_key:
            return "access_key"
        if self.token:
            return "token"
        return "password" if self.username else "none"


def seal(box: SecretBox, credential: Credential) -> str:
    return box.seal(json.dumps(asdict(credential)).encode(), PURPOSE)


def unseal(box: SecretBox, sealed: str) -> Credential:
    """Raises:
    SecretUnreadable: sealed under a root key that is no longer configured.
    """
    return Credential(**json.loads(box.open(sealed, PURPOSE)))
