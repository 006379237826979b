from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import SealedText, UtcDateTime


class SigningKey(SQLModel, table=True):
    """A key our tokens are signed with: told to everybody first, then it signs, then it verifies what it signed.

    Attributes:
        sealed_private_key: gone once the key is retired.
        signs: it has begun to sign; the newest that has is the one in use.
        signs_from: when it may begin.
        verifies_until: when the last token it signed has expired; `None` while it signs, or has not begun.
        retired_at: since then it is told to nobody, and verifies nothing.
    """

    __tablename__ = "gateway_signing_key"

    kid: str = Field(primary_key=True, max_length=32)
    alg: str = Field(max_length=16)
    sealed_private_key: str | None = Field(default=None, sa_type=SealedText)
    public_key: str
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    signs: bool = True
    signs_from: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    verifies_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
