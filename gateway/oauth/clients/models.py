from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, UtcDateTime


class ClientRegistration(SQLModel, table=True):
    """How an app takes part in OAuth, where it does more than get tokens for itself with its secret."""

    __tablename__ = "gateway_oauth_client"

    app_code: str = Field(primary_key=True, max_length=32)
    redirect_uris: list[str] = Field(sa_type=JsonValue)
    post_logout_redirect_uris: list[str] = Field(sa_type=JsonValue)
    grant_types: list[str] = Field(sa_type=JsonValue)
    token_endpoint_auth_method: str = Field(max_length=32)
    jwks: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    jwks_uri: str | None = Field(default=None, max_length=2000)
    dpop_bound_access_tokens: bool = False
    access_token_seconds: int | None = None
    refresh_token_seconds: int
    is_first_party: bool = False
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
