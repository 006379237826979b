from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class TrustedGateway(SQLModel, table=True):
    """Another gateway whose `X-Bkapi-JWT` is believed about app and user.

    Attributes:
        kid: of its tokens.
        public_key: PEM, RSA.
    """

    __tablename__ = "gateway_trusted_gateway"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    kid: str = Field(max_length=64, unique=True)
    title: str = Field(default="", max_length=200)
    public_key: str = Field(max_length=4000)
    added_by: str = Field(max_length=128)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
