from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import SealedText, UtcDateTime


class SigningKey(SQLModel, table=True):
    """A key our tokens are signed with; one that is retired still verifies what it signed."""

    __tablename__ = "gateway_signing_key"

    kid: str = Field(primary_key=True, max_length=32)
    alg: str = Field(max_length=16)
    sealed_private_key: str = Field(sa_type=SealedText)
    public_key: str
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
