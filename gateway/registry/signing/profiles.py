"""The signing profiles: what each needs, and whether what is given can be sent."""

from collections.abc import Callable, Mapping
from typing import Final

from kernel.errors import Invalid
from kernel.signing.credentials import basic, bearer, key_header

MESSAGE_SIGNATURE: Final = "http-message-signature"
JWT: Final = "jwt"
KEYED: Final = (MESSAGE_SIGNATURE, JWT)
"""Profiles that sign with a key of the system, which the gateway makes."""

SECRET_FIELDS: Final = {
    "bk-hmac": "app_secret",
    "bk-app": "app_secret",
    "basic": "password",
    "bearer": "token",
    "api-key": "key",
    "oauth2-client-credentials": "client_secret",
}
"""Profiles that send a secret of the upstream's, and the field it comes in."""
SECRET_NAME: Final = "secret_name"  # noqa: S105  the name of a field
"""The field that names one of the system's secrets instead."""


def _check_basic(parameters: Mapping[str, str], secret: str) -> None:
    basic(parameters["username"], secret)


def _check_bearer(_parameters: Mapping[str, str], secret: str) -> None:
    bearer(secret)


def _check_key(parameters: Mapping[str, str], secret: str) -> None:
    if parameters["location"] == "header":
        if parameters["name"].lower() in _TAKEN:
            raise ValueError(f"the header {parameters['name']} has another meaning")
        key_header(parameters["name"], secret)


_TAKEN: Final = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade", "x-request-id", "cookie"}
)
_CHECKS: Final[Mapping[str, Callable[[Mapping[str, str], str], None]]] = {
    "basic": _check_basic,
    "bearer": _check_bearer,
    "api-key": _check_key,
}


def check_secret(profile: str, parameters: Mapping[str, str], secret: str, field: str) -> None:
    """Raises Invalid naming the field when the secret cannot be sent as the profile sends it."""
    check = _CHECKS.get(profile)
    if check is None:
        return
    try:
        check(parameters, secret)
    except ValueError as error:
        raise Invalid.field(field, str(error), "Send what the upstream really expects") from error
