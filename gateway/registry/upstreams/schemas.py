from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.fields import Input, Time, View
from gateway.secrets.schemas import SecretName
from gateway.snapshot.model.upstreams import HIGHEST_WEIGHT, MOST_TARGETS
from gateway.snapshot.schemas import LiveView

UPSTREAM_NAME = r"^[a-z][a-z0-9_-]{0,31}$"

Seconds = Annotated[float, Field(ge=0.05, le=3600, allow_inf_nan=False)]
Pem = Annotated[str, StringConstraints(pattern=r"^[\x0a\x0d\x20-\x7e]*$", max_length=64_000)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]
HashOn = Annotated[str, StringConstraints(pattern=r"^(app|user|address|header:[a-z0-9-]{1,64})$")]
HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]
CheckPath = Annotated[str, StringConstraints(pattern=r"^/[\x21-\x22\x24-\x7e]*$", max_length=1000)]
Status = Annotated[int, Field(ge=200, le=599)]
Times = Annotated[int, Field(ge=1, le=100)]


class TargetSettings(Input):
    """Attributes:
    weight: the share of calls, in proportion to the other targets'; 0 gets none.
    """

    url: Url
    weight: Annotated[int, Field(ge=0, le=HIGHEST_WEIGHT)] = 1


def _some_weight(targets: list[TargetSettings]) -> list[TargetSettings]:
    if not any(target.weight for target in targets):
        raise ValueError("every target has the weight 0; give one a weight")
    return targets


Targets = Annotated[list[TargetSettings], Field(min_length=1, max_length=MOST_TARGETS), AfterValidator(_some_weight)]


class TlsSettings(Input):
    """Attributes:
    authority: PEM; replaces the system's authorities. certificate: PEM; the gateway's own, towards this upstream.
    private_key: PEM, of the certificate. It is never shown; left out, the one that is kept stays.
    secret_name: in its place, one of the system's named secrets; where `certificate` is left out, it holds both.
    server_name: asked for (SNI) and verified instead of the host in the address.
    """

    authority: Pem = ""
    certificate: Pem = ""
    private_key: Annotated[Pem, Field(max_length=12_000)] | None = None
    secret_name: SecretName | None = None
    server_name: HostName | None = None


class ActiveSettings(Input):
    """A GET to every target now and then. Attributes:
    path: below the host, not below the target's path. interval, timeout: seconds.
    """

    path: CheckPath
    interval: Annotated[float, Field(ge=1, le=3600, allow_inf_nan=False)] = 10.0
    timeout: Annotated[float, Field(ge=0.05, le=60, allow_inf_nan=False)] = 2.0
    statuses: Annotated[list[Status], Field(min_length=1, max_length=50)] | None = None
    healthy_after: Times = 2
    unhealthy_after: Times = 3


class PassiveSettings(Input):
    """A target that fails so often in a row gets no calls for some seconds."""

    failures: Times = 5
    eject_seconds: Annotated[float, Field(ge=0.1, le=3600, allow_inf_nan=False)] = 30.0


class HealthSettings(Input):
    active: ActiveSettings | None = None
    passive: PassiveSettings | None = None


class UpstreamSettings(Input):
    """Attributes:
    hash_on: what `consistent-hash` sends to the same target: `app`, `user`, `address` or `header:<name>`.
    connect_timeout, timeout, total_timeout: seconds; `timeout` is the longest silence, `total_timeout` the whole call.
    """

    balance: Literal["round-robin", "least-connections", "consistent-hash"] = "round-robin"
    hash_on: HashOn = "address"
    targets: Targets
    connect_timeout: Seconds = 5.0
    timeout: Seconds = 30.0
    total_timeout: Seconds | None = None
    tls: TlsSettings | None = None
    health: HealthSettings = HealthSettings()


class TlsView(View):
    authority: str = ""
    certificate: str = ""
    has_private_key: bool
    secret_name: str | None = None
    server_name: str | None = None


class TargetView(View):
    url: str
    weight: int


class ServerView(View):
    """Attributes:
    server: the origin of a target. is_up: whether it gets calls; when none is up, all do. in_flight: calls under way.
    """

    upstream: str
    server: str
    is_up: bool
    in_flight: int


class UpstreamView(View):
    name: str
    balance: str
    hash_on: str
    targets: list[TargetView]
    connect_timeout: float
    timeout: float
    total_timeout: float | None
    tls: TlsView | None
    health: dict[str, Any]
    updated_at: Time


class ChangedUpstream(LiveView):
    upstream: UpstreamView
