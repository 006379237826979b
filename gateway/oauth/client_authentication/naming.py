"""Which client a request names, and by which method it wants to prove that (RFC 6749 §2.3)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from gateway.oauth.clients.settings import PUBLIC


@dataclass(frozen=True, slots=True)
class ClientClaim:
    """Nothing of it is verified.

    Attributes:
        method: by its name in RFC 7591 §2.
        proof: the secret, or what else the method takes; empty for a client that has none.
    """

    client_id: str
    method: str
    proof: str


def claimed_client(form: Mapping[str, str], headers: Mapping[str, str]) -> ClientClaim:
    """The client as the request gives it.

    Args:
        headers: by their names in lower case.

    Raises:
        InvalidClientError: no client is named, or not readably.
        InvalidRequestError: it is named twice.
    """
    named, secret = form.get("client_id"), form.get("client_secret")
    if "authorization" not in headers:
        if named is None:
            raise InvalidClientError(
                "No client is named; send app_code and app_secret as HTTP Basic, or as client_id and client_secret"
            )
        return ClientClaim(named, PUBLIC, "") if secret is None else ClientClaim(named, "client_secret_post", secret)
    basic = _basic(headers["authorization"])
    if basic is None:
        raise InvalidClientError("The client can't be read from the header Authorization; send app_code and app_secret")
    user, password = basic
    if secret is not None or (named is not None and named != user):
        raise InvalidRequestError("The client is named twice, in the header and in the body; use one")
    return ClientClaim(user, "client_secret_basic", password)


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (unquote(user), unquote(password)) if colon else None
