"""Reading the parameters of an OAuth request: form-encoded, small, none twice (RFC 6749 §3.1, §3.2)."""

import re
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from pydantic import BaseModel

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_BYTES = 16 * 1024
_MAX_PARAMETERS = 50
_MAX_TOLD = 200
_UNTELLABLE = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")


def form_body(form: type[BaseModel]) -> dict[str, Any]:
    """How the OpenAPI document describes an endpoint that takes such a form."""
    return {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": form.model_json_schema()}}}}


def tellable(text: str) -> str:
    """What a client sent, as it may stand in `error_description` (RFC 6749 §5.2): other signs become `?`."""
    return _UNTELLABLE.sub("?", text[:_MAX_TOLD])


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """The parameters of a body.

    Raises:
        InvalidRequestError: naming what is wrong.
    """
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise InvalidRequestError(f"Content-Type must be {MEDIA_TYPE}")
    return read_parameters(body)


def read_parameters(encoded: bytes) -> dict[str, str]:
    """The parameters of a body or query; those without a name or a value count as absent (RFC 6749 §3.1).

    Raises:
        InvalidRequestError: naming what is wrong.
    """
    if len(encoded) > MAX_BYTES:
        raise InvalidRequestError(f"The parameters, scope included, must not exceed {MAX_BYTES} bytes")
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS, errors="strict"
        )
    except UnicodeDecodeError as error:
        raise InvalidRequestError("The parameters are not percent-encoded UTF-8; a client must encode them") from error
    except ValueError as error:
        raise InvalidRequestError(f"At most {_MAX_PARAMETERS} parameters are read") from error
    form: dict[str, str] = {}
    for name, value in pairs:
        if not name:
            continue
        if name in form:
            raise InvalidRequestError(f"The parameter {tellable(name)} is sent more than once")
        if not value.isprintable() or not name.isprintable():
            raise InvalidRequestError(f"The parameter {tellable(name)} holds a control character")
        form[name] = value
    return {name: value for name, value in form.items() if value}
