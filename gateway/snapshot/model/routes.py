"""One callable component on one stage, and what its stage decided for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.policies.kinds.placing import NOTHING, Effective
from gateway.snapshot.model.mapping import Assignment
from gateway.snapshot.model.parameters import Parameter
from gateway.snapshot.model.planned import Planned
from gateway.snapshot.model.upstreams import Upstream

SigningProfile = Literal[
    "none",
    "http-message-signature",
    "jwt",
    "bk-hmac",
    "bk-app",
    "basic",
    "bearer",
    "api-key",
    "oauth2-client-credentials",
]


@dataclass(frozen=True, slots=True)
class Signing:
    """How calls to the upstream are signed.

    ``secret`` is the opened secret: the shared key of ``http-message-signature`` (HMAC-SHA-256), a PEM private RSA key
    of ``jwt``, the password, token, key or client secret of the others. It is never part of ``repr``. ``parameters``
    are what else the profile needs, by the names of the management API. ``esb_secret`` is the key of ``jwt`` on the
    ESB's addresses, the same for all systems, and ``esb_key_id`` what tokens there call it; empty means that ``secret``
    signs there too.
    """

    profile: SigningProfile
    key_id: str = ""
    secret: bytes = field(default=b"", repr=False)
    issuer: str = "APIGW"
    parameters: Mapping[str, str] = field(default_factory=dict)
    esb_secret: bytes = field(default=b"", repr=False)
    esb_key_id: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StageSettings:
    """``canary`` says that ``release`` is on trial beside the stage's own. ``parameter_credentials``: BlueKing's
    credentials are looked for in query and body where no header has any.
    """

    system: str
    stage: str
    release: str
    signing: Signing
    envelope: bool = False
    validate_requests: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    canary: bool = False
    parameter_credentials: bool = False
    policies: Effective = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A component as served on a stage. ``path`` and ``upstream_path`` are templates: ``/hosts/{id}``.

    A token is admitted by all of ``required_scopes`` together, or by ``own_scope`` (``system.component``) alone.
    ``parameters`` are those that are checked. ``timeout`` (seconds) overrides the upstream's. ``policies`` are those
    that hold for it, wherever they stand.
    """

    settings: StageSettings
    upstream: Upstream
    component: str
    method: str
    path: str
    upstream_method: str
    upstream_path: str
    required_scopes: frozenset[str]
    own_scope: str
    path_parameters: tuple[str, ...] = ()
    query_parameters: frozenset[str] = frozenset()
    match_subpath: bool = False
    enable_websocket: bool = False
    body_schema: Mapping[str, Any] | bool | None = None
    timeout: float | None = None
    app_required: bool = True
    user_required: bool = False
    grant_required: bool = True
    policies: Effective = field(default_factory=lambda: NOTHING)
    mapping: tuple[Assignment, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    planned: Planned = field(default_factory=Planned, repr=False)
