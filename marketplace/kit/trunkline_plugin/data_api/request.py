"""A request as views of Django REST framework read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from trunkline_plugin.data_api.errors import BadRequest


class QueryValues(dict[str, list[str]]):
    """Values of a query or a form; reading a name gives its last value."""

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)[-1]

    def get(self, name: str, default: Any = None) -> Any:
        values = super().get(name)
        return values[-1] if values else default

    def getlist(self, name: str) -> list[str]:
        return super().get(name) or []

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def dict(self) -> dict[str, Any]:
        return {name: self[name] for name in self}


@dataclass(frozen=True, slots=True)
class User:
    """Who sits before the form."""

    username: str
    is_authenticated: bool = True


@dataclass(frozen=True, slots=True)
class App:
    """Which app called, as the gateway said."""

    bk_app_code: str
    verified: bool


@dataclass
class Request:
    """What a view is given.

    Attributes:
        META: headers as Django names them: `HTTP_X_NAME`.
        token: the user's, for calls on his behalf.
        trace_id: this request's id, 32 hex digits.
    """

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json"
    user: User = field(default_factory=lambda: User("", is_authenticated=False))
    app: App = field(default_factory=lambda: App("", verified=False))
    token: str = ""
    trace_id: str = ""
    FILES: Mapping[str, Any] = field(default_factory=dict)
    COOKIES: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None

    @cached_property
    def META(self) -> dict[str, str]:  # noqa: N802  as views know it
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        return {**named, "CONTENT_TYPE": self.content_type, "QUERY_STRING": self.query_string}

    @cached_property
    def query_params(self) -> QueryValues:
        return QueryValues(parse_qs(self.query_string, keep_blank_values=True))

    @property
    def GET(self) -> QueryValues:  # noqa: N802  as views know it
        return self.query_params

    @cached_property
    def data(self) -> Any:
        """The body: JSON, or the values of a form.

        Raises:
            BadRequest: the body isn't JSON.
        """
        if self.form is not None:
            return dict(self.form)
        if "form-urlencoded" in self.content_type:
            return QueryValues(parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        if not self.body:
            return {}
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"JSON parse error - {error}") from error

    @property
    def POST(self) -> Any:  # noqa: N802  as views know it
        return self.data

    def get_full_path(self) -> str:
        return f"{self.path}?{self.query_string}" if self.query_string else self.path
