"""One callable component on one stage, and what its stage decided for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SigningProfile = Literal["none", "http-message-signature", "jwt"]


@dataclass(frozen=True, slots=True)
class Signing:
    """How calls to the upstream are signed.

    ``secret`` is the opened key: the shared secret for ``http-message-signature`` (HMAC-SHA-256),
    a PEM private RSA key for ``jwt``. It is never part of ``repr``.
    """

    profile: SigningProfile
    key_id: str = ""
    secret: bytes = field(default=b"", repr=False)
    issuer: str = "APIGW"


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a stage forwards to. Timeouts in seconds; ``base_url`` without a trailing slash."""

    base_url: str
    connect_timeout: float = 5.0
    timeout: float = 30.0


class Planned:
    """A cell the data plane fills on first use with what it computes once: a route's plan, a stage's signer."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class StageSettings:
    """``canary`` says that ``release`` is on trial beside the stage's own."""

    system: str
    stage: str
    release: str
    upstream: Upstream
    signing: Signing
    envelope: bool = False
    validate_requests: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    canary: bool = False
    planned: Planned = field(default_factory=Planned, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A component as served on a stage. ``path`` and ``upstream_path`` are templates: ``/hosts/{id}``.

    A token is admitted by all of ``required_scopes`` together, or by ``own_scope`` (``system.component``) alone.
    ``timeout`` (seconds) overrides the upstream's.
    """

    settings: StageSettings
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
    body_schema: Mapping[str, Any] | bool | None = None
    timeout: float | None = None
    app_required: bool = True
    user_required: bool = False
    grant_required: bool = True
    planned: Planned = field(default_factory=Planned, repr=False)
