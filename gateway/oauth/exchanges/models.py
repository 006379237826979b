from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime


class ExchangePermission(SQLModel, table=True):
    """One app may exchange tokens of another (RFC 8693). Without it, none may.

    Attributes:
        app_code: whose tokens.
        exchanger: which app may exchange them for its own.
    """

    __tablename__ = "gateway_oauth_exchange_permission"

    app_code: str = Field(primary_key=True, max_length=32)
    exchanger: str = Field(primary_key=True, max_length=32, index=True)
    allowed_by: str = Field(max_length=128)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
