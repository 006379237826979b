"""Texts and numbers that several kinds take."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from gateway.wire.request_headers import is_own

_FRAMED = frozenset({"content-encoding", "content-length", "date", "trailer", "transfer-encoding"})


def _own_header(name: str) -> str:
    lower = name.lower()
    if lower in _FRAMED or is_own(lower.encode()):
        raise ValueError(f"{name} is the gateway's own to set or belongs to the connection; choose another header")
    return lower


def _answer_header(name: str) -> str:
    lower = name.lower()
    return lower if lower == "content-type" else _own_header(name)


class Among:
    """Annotates a whole number that is one of these; `Literal` would take `true` for 1."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers

    def _check(self, number: int) -> int:
        if number not in self._numbers:
            raise ValueError(f"is none of {', '.join(map(str, self._numbers))}")
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self._numbers)}


HeaderToken = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")]
HeaderName = Annotated[HeaderToken, AfterValidator(str.lower)]
"""RFC 9110 §5.1; compared in lower case."""
RewritableHeader = Annotated[HeaderToken, AfterValidator(_own_header)]
"""A header that a policy may set or remove: neither an identity, a credential nor one of the connection's."""
AnswerHeader = Annotated[HeaderToken, AfterValidator(_answer_header)]
"""A header of an answer the gateway makes itself."""
HeaderValue = Annotated[str, StringConstraints(pattern=r"^([!-~]([ -~]{0,1998}[!-~])?)?$")]
"""Printable ASCII without blanks at its ends."""
Method = Annotated[str, StringConstraints(pattern=r"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$")]
FinalStatus = Annotated[int, Field(ge=200, le=599)]
Percentage = Annotated[float, Field(ge=0, le=100)]
Text = Annotated[str, StringConstraints(max_length=65_536, pattern=r"^[^\x00]*$")]
"""Whatever a body may hold, but NUL, which not every database stores."""
APP_CODE = re.compile(r"[a-z][a-z0-9_-]{1,31}")
