"""One call on its way through the steps of its route."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot

if TYPE_CHECKING:
    from gateway.dataplane.exchange import Exchange
    from gateway.dataplane.headers import InboundHeaders
    from gateway.dataplane.limits.admission import Admission
    from gateway.dataplane.upstream.servers import Server

Header = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """Who calls, verified. ``scopes`` is None for an app that proved itself by its secret: its grants alone decide.

    ``authorization_id`` is what a person allowed, where the token came of that; empty otherwise. ``origins`` are the
    tokens it was exchanged from. ``systems`` are those the token is for; None for all.
    ``headers`` are the identity headers for the upstream, ready to be signed; ``lines`` the same, ready to be sent.
    ``log_part`` are its members of a line of the access log.
    """

    app_code: str
    user: str | None
    project_id: str | None
    scopes: frozenset[str] | None
    token_id: str
    issued_at: float
    authorization_id: str
    origins: tuple[tuple[str, str], ...]
    systems: frozenset[str] | None
    headers: tuple[Header, ...]
    lines: str
    log_part: str


def make_identity(
    app_code: str,
    *,
    user: str | None = None,
    project_id: str | None = None,
    task_id: str | None = None,
    scopes: frozenset[str] | None = None,
    token_id: str = "",
    issued_at: float = 0.0,
    authorization_id: str = "",
    origins: tuple[tuple[str, str], ...] = (),
    systems: frozenset[str] | None = None,
) -> Identity:
    pairs = (
        ("x-trunkline-app", app_code),
        ("x-trunkline-user", user),
        ("x-trunkline-project", project_id),
        ("x-trunkline-task", task_id),
    )
    headers = tuple((name, _header_text(value)) for name, value in pairs if value)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    log_part = f'"app":{json.dumps(app_code)},"user":{json.dumps(user or "")}'
    return Identity(
        app_code,
        user,
        project_id,
        scopes,
        token_id,
        issued_at,
        authorization_id,
        origins,
        systems,
        headers,
        lines,
        log_part,
    )


def _header_text(value: str) -> str:
    """Printable ASCII as it is; anything else percent-encoded as UTF-8, so that it is one header value to everyone."""
    if value.isascii() and value.isprintable() and "%" not in value:
        return value
    return quote(value, safe="!#$&'()*+,/:;=?@[]^`{|}<>")


class Call:
    """Mutable and short-lived: the steps of the route fill it in, in their order.

    ``peer`` is the client's address, as far as it can be believed; ``forwarded_for`` is what the upstream is told.
    ``exchange`` is the request as it came; None where it is only asked which release would serve it. ``server`` is the
    one of several that gets the call; None where its upstream has only one. ``admission`` is there once a limit was
    asked. ``notes`` is what a step leaves for its own hook or end, under a key of its own; None until one does.
    ``signed_in`` is whom the login service knows the call's ``bk_token`` to be; ``user_problem`` says why a user the
    caller named does not count.
    """

    __slots__ = (
        "admission", "body", "exchange", "forwarded_for", "headers", "identity", "is_esb", "method", "notes", "now",
        "params", "peer", "request_id", "route", "server", "signature", "signed_in", "snapshot", "target",
        "user_problem",
    )  # fmt: skip

    def __init__(
        self, snapshot: Snapshot, route: Route, params: tuple[str, ...], headers: "InboundHeaders", now: float
    ) -> None:
        self.snapshot = snapshot
        self.route = route
        self.params = params
        self.headers = headers
        self.now = now
        self.exchange: Exchange | None = None
        self.is_esb = False
        self.request_id = ""
        self.method = ""
        self.target = ""
        self.body: bytes | None = None
        self.identity: Identity | None = None
        self.signature = ""
        self.server: Server | None = None
        self.peer = ""
        self.forwarded_for = ""
        self.admission: Admission | None = None
        self.notes: dict[str, Any] | None = None
        self.signed_in: str | None = None
        self.user_problem = ""
