from sqlalchemy import BigInteger, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.idempotency import IdempotencyRecord

_Serial = BigInteger().with_variant(Integer, "sqlite")


class Number(SQLModel, table=True):
    """The number by which Standard OPS's clients name something; given when it is first told to one of them.

    Attributes:
        kind: of what it is: `flow`, `task` and the like.
    """

    __tablename__ = "orchestrator_number"
    __table_args__ = (UniqueConstraint("kind", "subject"), {"sqlite_autoincrement": True})

    number: int | None = Field(default=None, primary_key=True, sa_type=_Serial)
    kind: str = Field(max_length=16)
    subject: str = Field(max_length=32)


class SopsIdempotency(IdempotencyRecord, table=True):
    """Changing calls that carried an idempotency key."""

    __tablename__ = "orchestrator_sops_idempotency"
