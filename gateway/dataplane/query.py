"""The query as it goes on: as it came, without credentials."""

import re
from urllib.parse import unquote_plus

from gateway.wire.codes import INVALID_ARGS
from gateway.wire.credentials import CREDENTIAL_PARAMETERS
from gateway.wire.refusal import Refusal

_ALLOWED = re.compile(r"[\x21-\x7e]*")
_SUSPECT = re.compile(r"%|bk_|app_|access_|signature")


def clean_query(query: bytes) -> str:
    """Raises Refusal for signs that cannot stand in a request's target."""
    text = query.decode("latin-1")
    if not _ALLOWED.fullmatch(text) or "#" in text:
        raise Refusal(INVALID_ARGS, "the query has a sign that is not allowed")
    if _SUSPECT.search(text) is None:
        return text
    return "&".join(
        pair for pair in text.split("&") if unquote_plus(pair.split("=", 1)[0]) not in CREDENTIAL_PARAMETERS
    )
