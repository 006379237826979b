"""Places outside the hosts that files are distributed from."""

from enum import StrEnum

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import SealedText


class SourceType(StrEnum):
    """HTTP: a file is read at its path below an address. S3: an object by its key in a bucket."""

    HTTP = "HTTP"
    S3 = "S3"


class JobFileSource(SQLModel, table=True):
    """Attributes:
    code: by which callers name it.
    bucket, region: of an S3 source.
    credential_sealed: see `credentials`.
    """

    __tablename__ = "adapter_job_file_source"
    __table_args__ = (UniqueConstraint("bk_scope_type", "bk_scope_id", "code"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    bk_scope_type: str = Field(max_length=16)
    bk_scope_id: str = Field(max_length=32)
    code: str = Field(max_length=64)
    alias: str = Field(max_length=128)
    type: str = Field(max_length=16)
    base_url: str = Field(max_length=1000)
    bucket: str = Field(default="", max_length=64)
    region: str = Field(default="", max_length=64)
    credential_sealed: str = Field(sa_type=SealedText)
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)
    last_modify_user: str = Field(max_length=128)
    last_modify_ms: int = Field(sa_type=BigInteger)
