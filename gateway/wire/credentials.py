"""Who a BlueKing client says it is: the header ``X-Bkapi-Authorization``, or parameters on the ESB shape."""

import json
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

LONGEST_APP_CODE = 32
LONGEST_SECRET = 128

_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
"""JSON's escapes can say it, UTF-8 cannot."""

CREDENTIAL_PARAMETERS = frozenset(
    {
        "bk_app_code", "app_code", "bk_app_secret", "app_secret", "bk_token", "bk_username", "bk_access_token",
        "access_token", "bk_signature", "signature", "bk_nonce", "bk_timestamp", "bk_ticket",
    }
)  # fmt: skip
_NO_TEXT: Final = object()


@dataclass(frozen=True, slots=True)
class Credentials:
    """As claimed, nothing of it verified. Empty text means not given.

    Attributes:
        jwt: another gateway's word about the user, beside an access token; ``inner_jwt``: about app and user.
        bk_token: of the login service; ``username``: who the app says its user is.
        signature: of the whole request, in place of the secret.
    """

    app_code: str = ""
    app_secret: str = ""
    access_token: str = ""
    jwt: str = ""
    inner_jwt: str = ""
    bk_token: str = ""
    username: str = ""
    signature: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.access_token or self.inner_jwt or self.app_code)


class CredentialsMalformed(ValueError):
    """The header or a parameter cannot be a credential; the message names the field."""


def from_header(value: bytes) -> Credentials:
    """The credentials of an ``X-Bkapi-Authorization`` header; raises CredentialsMalformed."""
    try:
        document = json.loads(value)
    except (ValueError, RecursionError) as problem:
        raise CredentialsMalformed("request header X-Bkapi-Authorization is not a valid JSON string") from problem
    if not isinstance(document, dict):
        raise CredentialsMalformed("request header X-Bkapi-Authorization is not a JSON object")
    return from_parameters(document)


def claims(members: Iterable[tuple[str, str]], names: AbstractSet[str] = CREDENTIAL_PARAMETERS) -> dict[str, object]:
    """What members of a JSON object claim under these names, for ``from_parameters``; each value is its source text.

    Nothing but text is read: a credential is nothing else, and a value may be of any size and depth.
    """
    return {
        name: json.loads(value) if value.startswith('"') else _NO_TEXT
        for name, value in members
        if name in names and value != "null"
    }


def from_parameters(values: Mapping[str, object]) -> Credentials:
    """The credentials among parameters, by their current or older names; raises CredentialsMalformed.

    ``username`` may be a parameter of the component's own: it counts where it is text, and is none to refuse otherwise.
    """
    username = values.get("username")
    credentials = Credentials(
        app_code=_text(values, "bk_app_code", "app_code"),
        app_secret=_text(values, "bk_app_secret", "app_secret"),
        access_token=_text(values, "access_token", "bk_access_token"),
        jwt=_text(values, "jwt"),
        inner_jwt=_text(values, "inner_jwt"),
        bk_token=_text(values, "bk_token"),
        username=_text(values, "bk_username") or (username if isinstance(username, str) else ""),
        signature=_text(values, "bk_signature", "signature"),
    )
    if len(credentials.app_code) > LONGEST_APP_CODE:
        raise CredentialsMalformed(f"app code cannot be longer than {LONGEST_APP_CODE} characters")
    if len(credentials.app_secret) > LONGEST_SECRET:
        raise CredentialsMalformed(f"app secret cannot be longer than {LONGEST_SECRET} characters")
    return credentials


def _text(values: Mapping[str, object], *names: str) -> str:
    for name in names:
        value = values.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise CredentialsMalformed(f"{name} is not a string")
        if _HALF_A_CHARACTER.search(value):
            raise CredentialsMalformed(f"{name} has half of a character, which cannot be written")
        return value
    return ""
