"""Which client a request names, and by which method it wants to prove that (RFC 6749 §2.3)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from gateway.oauth.client_authentication.assertions import TYPE
from gateway.oauth.clients.settings import PRIVATE_KEY_JWT, PUBLIC
from kernel.signing import jws
from kernel.signing.errors import TokenInvalid


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
    if "client_assertion" in form or "client_assertion_type" in form:
        return _asserted_client(form, headers)
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


def _asserted_client(form: Mapping[str, str], headers: Mapping[str, str]) -> ClientClaim:
    """RFC 7521 §4.2: the assertion names the client; `client_id` may repeat it."""
    if "authorization" in headers or "client_secret" in form:
        raise InvalidRequestError("The client proves itself twice, by a secret and by an assertion; use one")
    if form.get("client_assertion_type") != TYPE:
        raise InvalidRequestError(f"client_assertion_type is not {TYPE}")
    assertion = form.get("client_assertion", "")
    try:
        _, claims = jws.unverified(assertion)
    except TokenInvalid as error:
        raise InvalidClientError("The client_assertion is not a signed token") from error
    subject = claims.get("sub")
    if not isinstance(subject, str):
        raise InvalidClientError("The client_assertion names no client as its sub")
    if form.get("client_id", subject) != subject:
        raise InvalidRequestError("client_id is not the sub of the client_assertion")
    return ClientClaim(subject, PRIVATE_KEY_JWT, assertion)


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (unquote(user), unquote(password)) if colon else None
