import datetime as dt

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class CallDay(SQLModel, table=True):
    """What an app called of a release on one day (UTC).

    Attributes:
        app_code: empty for calls without an identity.
        errors: calls the gateway refused, or that ended with a status from 500.
    """

    __tablename__ = "gateway_call_day"
    __table_args__ = (Index("ix_gateway_call_day_system", "system", "day"),)

    day: dt.date = Field(primary_key=True)
    system: str = Field(primary_key=True, max_length=32)
    stage: str = Field(primary_key=True, max_length=20)
    release: str = Field(primary_key=True, max_length=32)
    component: str = Field(primary_key=True, max_length=128)
    app_code: str = Field(primary_key=True, max_length=64)
    calls: int = Field(sa_type=BigInteger)
    errors: int = Field(sa_type=BigInteger)
