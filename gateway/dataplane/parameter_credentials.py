"""BlueKing's credentials among the parameters of a call to the unified endpoint, for systems that allow it there."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from gateway.wire.codes import CREDENTIALS_INVALID
from gateway.wire.credentials import CREDENTIAL_PARAMETERS, Credentials, CredentialsMalformed, claims, from_parameters
from gateway.wire.json_members import members_of, object_of
from gateway.wire.refusal import Refusal

_FORM = b"application/x-www-form-urlencoded"
_MOST = 1000


@dataclass(frozen=True, slots=True)
class FoundCredentials:
    """``body`` is what goes on: without them."""

    credentials: Credentials
    body: bytes


def may_hold_credentials(content_type: bytes) -> bool:
    """Whether a body of that type is looked at; others pass as they come."""
    kind = content_type.partition(b";")[0].strip().lower()
    return kind in (b"", b"application/json", b"text/plain", _FORM)


def find_credentials(query: bytes, body: bytes, content_type: bytes) -> FoundCredentials:
    """In the query, and in a body that is a JSON object or a form, which counts more. Raises Refusal.

    A body that is neither, or can't be read, goes on as it came.
    """
    found: dict[str, object] = dict(_claims(_pairs(query)))
    if body.lstrip()[:1] == b"{":
        try:
            members = members_of(body.decode())
        except ValueError:
            members = []
        if any(name in CREDENTIAL_PARAMETERS for name, _ in members):
            found |= claims(members)
            body = object_of([member for member in members if member[0] not in CREDENTIAL_PARAMETERS]).encode()
    elif content_type.lower().startswith(_FORM):
        pairs = _pairs(body)
        if claimed := dict(_claims(pairs)):
            found |= claimed
            body = urlencode([pair for pair in pairs if pair[0] not in CREDENTIAL_PARAMETERS]).encode()
    try:
        return FoundCredentials(from_parameters(found), body)
    except CredentialsMalformed as problem:
        raise Refusal(CREDENTIALS_INVALID, str(problem)) from problem


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST)
    except ValueError:
        return []


def _claims(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in pairs if pair[0] in CREDENTIAL_PARAMETERS]
