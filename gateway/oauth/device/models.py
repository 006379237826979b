from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime


class DeviceRequest(SQLModel, table=True):
    """A device that waits for a person to agree elsewhere; both of its codes are stored as their SHA-256 only.

    Attributes:
        interval: seconds it has to wait between its questions.
        state: `pending`, `allowed`, `denied` or `redeemed`.
        authorization_id: what the person allowed.
    """

    __tablename__ = "gateway_oauth_device_request"

    sha256: str = Field(primary_key=True, max_length=64)
    user_code_sha256: str = Field(max_length=64, unique=True)
    app_code: str = Field(max_length=32)
    scopes: list[str] = Field(sa_type=JsonValue)
    resource: str | None = Field(default=None, max_length=500)
    interval: int
    polled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = Field(default="pending", max_length=16)
    authorization_id: str | None = Field(default=None, max_length=32)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
