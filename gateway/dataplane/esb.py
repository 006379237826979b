"""The ESB's parameters: they come in the query or in a body of any content type, and go on as the component wants."""

import json
from urllib.parse import parse_qsl, quote, urlencode

from gateway.dataplane.address import can_be_segment
from gateway.dataplane.declared_types import plain, typed
from gateway.snapshot.model.routes import Route
from gateway.wire.codes import INVALID_ARGS, Code
from gateway.wire.credentials import CREDENTIAL_PARAMETERS, Credentials, claims, from_parameters
from gateway.wire.json_members import members_of, object_of
from gateway.wire.refusal import Refusal

PATH_TEMPLATE = Code(400, 1640001, "INVALID_ARGS", "Parameters error", 1306407)

_READ_AS_CREDENTIALS = CREDENTIAL_PARAMETERS | {"username"}
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class EsbParameters:
    """Name and value of each parameter, the value as JSON source text, so that numbers pass exactly.

    Beside a body the query is looked at for credentials only: a signature stands there.
    """

    __slots__ = ("_beside", "_raw", "from_query", "members")

    def __init__(
        self,
        members: list[tuple[str, str]],
        *,
        from_query: bool,
        raw: bytes | None = None,
        beside: list[tuple[str, str]] | None = None,
    ) -> None:
        self.members = members
        self.from_query = from_query
        self._raw = raw
        self._beside = beside or []

    @classmethod
    def read(cls, method: str, query: bytes, body: bytes) -> "EsbParameters":
        """From the query of a GET; from JSON when the body starts with a brace, else from a form. Raises Refusal."""
        try:
            if method == "GET":
                return cls(_pairs(query), from_query=True)
            beside = _pairs(query)
            if body.lstrip()[:1] == b"{":
                return cls(members_of(body.decode()), from_query=False, raw=body, beside=beside)
            return cls(_pairs(body, strict=True), from_query=True, beside=beside)
        except ValueError as problem:
            raise Refusal(INVALID_ARGS, "the parameters are neither JSON nor a form") from problem

    def credentials(self) -> Credentials:
        """Raises CredentialsMalformed."""
        return from_parameters(claims((*self._beside, *self.members), _READ_AS_CREDENTIALS))

    def adapted(self, route: Route, in_path: tuple[str, ...] | None = None) -> tuple[tuple[str, ...], str, bytes]:
        """Path values, query and body as the component wants them, without credentials; raises Refusal.

        ``in_path`` are the path's values where the address has them; else they are parameters.
        """
        members = [member for member in self.members if member[0] not in CREDENTIAL_PARAMETERS]
        if in_path is not None:
            path_values, rest = in_path, members
        else:
            path_values = tuple(_path_value(name, members) for name in route.path_parameters)
            path_values = (*path_values, "") if route.match_subpath else path_values
            rest = [member for member in members if member[0] not in route.path_parameters]
        # A mapping takes the parameters from where the component has them, not from where the upstream wants them.
        method = route.method if route.mapping else route.upstream_method
        if method not in _BODY_METHODS and method != "ANY":
            return path_values, _query(rest), b""
        in_query = [member for member in rest if member[0] in route.query_parameters]
        in_body = [member for member in rest if member[0] not in route.query_parameters]
        if self._raw is not None and len(in_body) == len(self.members):
            return path_values, "", self._raw
        if self.from_query:
            in_body = typed(in_body, route.body_schema)
        return path_values, _query(in_query), object_of(in_body).encode()


def _pairs(text: bytes, *, strict: bool = False) -> list[tuple[str, str]]:
    """Of a repeated name the last value counts, as BlueKing's ESB reads it.

    ``strict`` refuses what was hardly meant as a form: a name without a value.
    """
    values = dict(
        parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=strict and bool(text),
            errors="strict",
            max_num_fields=1000,
        )
    )
    return [(name, json.dumps(value)) for name, value in values.items()]


def _path_value(name: str, members: list[tuple[str, str]]) -> str:
    found = [value for key, value in members if key == name]
    text = plain(found[-1]) if found else ""
    if text == "null" or not can_be_segment(text):
        raise Refusal(PATH_TEMPLATE, f"the parameter {name} is missing or cannot stand in a path")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as problem:
        raise Refusal(PATH_TEMPLATE, f"the parameter {name} is not valid text") from problem


def _query(members: list[tuple[str, str]]) -> str:
    try:
        return urlencode([(name, plain(value)) for name, value in members if value != "null"])
    except UnicodeEncodeError as problem:
        raise Refusal(INVALID_ARGS, "a parameter is not valid text") from problem
