from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.registry.component_definition import DEFAULT_UPSTREAM
from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class System(SQLModel, table=True):
    """An integrated enterprise system.

    Attributes:
        self_service: found by method and path alone at the ESB's self-service address.
        parameter_credentials: BlueKing's credentials count in query and body too.
    """

    __tablename__ = "gateway_system"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    name: str = Field(max_length=32, unique=True)
    aliases: list[str] = Field(default_factory=list, sa_type=JsonValue)
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=4000)
    owner: str = Field(max_length=64)
    self_service: bool = False
    parameter_credentials: bool = False
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class SystemKey(SQLModel, table=True):
    """A key with which the gateway signs to a system: sealed, one profile's, overlapping with others until retired.

    Attributes:
        public_key: PEM, for profiles that have one.
        signs_from: when the gateway is to begin signing with it; until then it only verifies.
        signs: it was told to the data plane as a key to sign with; of several the newest signs.
    """

    __tablename__ = "gateway_system_key"
    __table_args__ = (UniqueConstraint("system", "profile", "key_id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    profile: str = Field(max_length=32)
    key_id: str = Field(max_length=64)
    sealed: str = Field(sa_type=SealedText(8000))
    public_key: str | None = Field(default=None, max_length=2000)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    signs_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signs: bool = True
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Release(SQLModel, table=True):
    """An immutable set of a system's components.

    Attributes:
        digest: SHA-256 over its components; equal digests are equal releases.
        number: counts a system's releases; the newest has the highest.
        forced_because: why the version steps less far than the changes ask for; empty when it doesn't.
    """

    __tablename__ = "gateway_release"
    __table_args__ = (UniqueConstraint("system", "version"), UniqueConstraint("system", "number"))

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    version: str = Field(max_length=32)
    number: int
    digest: str = Field(max_length=64)
    components_count: int
    comment: str = Field(default="", max_length=500)
    forced_because: str = Field(default="", max_length=500)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ComponentColumns(SQLModel):
    """A component's definition, the same in a draft as in a release: `gateway.registry.component_definition`."""

    name: str = Field(max_length=128)
    method: str = Field(max_length=8)
    path: str = Field(max_length=1000)
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=10_000)
    scopes: list[str] = Field(sa_type=JsonValue)
    is_read: bool
    parameters: list[dict[str, Any]] = Field(sa_type=JsonValue)
    body_schema: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    response_schema: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    match_subpath: bool = False
    enable_websocket: bool = False
    upstream: str = Field(default=DEFAULT_UPSTREAM, max_length=32)
    upstream_method: str | None = Field(default=None, max_length=8)
    upstream_path: str | None = Field(default=None, max_length=1000)
    mapping: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonValue)
    timeout: float | None = None
    mock: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    policies: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonValue)
    app_required: bool = True
    user_required: bool = False
    grant_required: bool = True
    is_public: bool = True
    allow_apply: bool = True
    labels: list[str] = Field(default_factory=list, sa_type=JsonValue)
    texts: dict[str, dict[str, str]] = Field(default_factory=dict, sa_type=JsonValue)
    samples: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonValue)


class ReleaseComponent(ComponentColumns, table=True):
    """A component as a release has it."""

    __tablename__ = "gateway_release_component"
    __table_args__ = (
        UniqueConstraint("release_id", "name"),
        Index("ix_gateway_release_component_place", "release_id", "position"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    release_id: str = Field(max_length=32)
    position: int


class DraftComponent(ComponentColumns, table=True):
    """A component as people edit it; the next release takes all of a system's. Lists go by id."""

    __tablename__ = "gateway_draft_component"
    __table_args__ = (UniqueConstraint("system", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    updated_by: str = Field(max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Stage(SQLModel, table=True):
    """A named environment of a system, serving one release, and beside it a canary while one is on trial.

    Attributes:
        connect_timeout: seconds, as is `timeout`.
        canary: of the release on trial: `release`, `share`, `apps`, `salt`, `started_by`, `started_at`.
    """

    __tablename__ = "gateway_stage"
    __table_args__ = (UniqueConstraint("system", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    name: str = Field(max_length=20)
    release_id: str = Field(max_length=32)
    release: str = Field(max_length=32)
    upstream_url: str = Field(max_length=1000)
    signing: str = Field(max_length=32)
    envelope: bool = False
    validate_requests: bool = True
    variables: dict[str, str] = Field(default_factory=dict, sa_type=JsonValue)
    connect_timeout: float = 5.0
    timeout: float = 30.0
    canary_release_id: str | None = Field(default=None, max_length=32)
    canary: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
