"""What came back from a call, read within bounds."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from kernel.forms.bounds import is_storable
from marketplace.invoke.errors import InvocationFailed

_FIRST_ERROR = 400
_NO_GRANT = 1640301
"""The gateway's code where an app has no grant."""
_MESSAGE_NAMES = ("message", "detail", "error_description", "error", "msg", "title")
_MAX_MESSAGE = 1_000
_MAX_DEPTH = 100
_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """Attributes:
    status: HTTP status.
    response: the JSON body, or its text where it is no JSON.
    from_gateway: the gateway itself refused or failed; the system was not asked, or gave no answer.
    """

    component: str
    status: int
    response: Any
    request_id: str
    from_gateway: bool = False

    @property
    def is_error(self) -> bool:
        return self.status >= _FIRST_ERROR

    def message(self) -> str:
        """What the answer says went wrong, as far as it says so."""
        found = "" if self.response is None else self.response
        if isinstance(found, dict):
            found = next((found[name] for name in _MESSAGE_NAMES if found.get(name)), "")
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        return " ".join(text.split())[:_MAX_MESSAGE]

    def failure(self, said: str | None = None) -> str:
        """One line that names the component, what was said, the status and the request."""
        text = said if said is not None else self.message()
        what = "was refused by the gateway" if self.from_gateway else "failed"
        if self.from_gateway and isinstance(self.response, dict) and self.response.get("code") == _NO_GRANT:
            text += f"; the project needs an approved grant on {self.component}, look for it among the applications"
        return f"{self.component} {what}: {text or 'it said nothing'} (HTTP {self.status}, request {self.request_id})"


def read_body(component: str, body: bytes, content_type: bytes) -> Any:
    """The JSON of a body; its text when it is announced as something else and isn't JSON.

    Raises:
        InvocationFailed: announced as JSON and isn't, or nested too deep.
    """
    if not body:
        return None
    try:
        value = _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except RecursionError as error:
        raise InvocationFailed(f"{component} answered JSON that is nested too deep") from error
    except ValueError as error:
        if b"json" in content_type.lower():
            raise InvocationFailed(f"{component} answered what is no valid JSON") from error
        return body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if b"\\u0000" in body or b"\\ud" in body or b"\\uD" in body:
        value = storable(value)
    if _is_deep(value):
        raise InvocationFailed(f"{component} answered JSON that is nested deeper than {_MAX_DEPTH} levels")
    return value


def storable(value: Any) -> Any:
    """A copy in which texts hold only characters that every database takes."""
    if isinstance(value, str):
        return value if is_storable(value) else _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
"""Made once: `json.loads` makes one for each text that is read with anything unusual."""


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
