"""Which client a token request names, and how (RFC 6749 §2.3)."""

import base64
from collections.abc import Mapping
from urllib.parse import unquote

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError


def named_client(form: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """The client's id as the request gives it; nothing is verified yet.

    Args:
        headers: by their names in lower case.

    Raises:
        InvalidClientError: no client is named, or not readably.
        InvalidRequestError: it is named twice.
    """
    named = form.get("client_id")
    if "authorization" not in headers:
        if named is None or "client_secret" not in form:
            raise InvalidClientError(
                "No client is named; send app_code and app_secret as HTTP Basic, or as client_id and client_secret"
            )
        return named
    user = _basic_user(headers["authorization"])
    if user is None:
        raise InvalidClientError("The client can't be read from the header Authorization; send app_code and app_secret")
    if "client_secret" in form or (named is not None and named != user):
        raise InvalidRequestError("The client is named twice, in the header and in the body; use one")
    return user


def _basic_user(authorization: str) -> str | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, _ = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return unquote(user) if colon else None
