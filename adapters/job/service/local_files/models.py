"""Files that people upload to distribute them."""

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field, SQLModel


class JobLocalFile(SQLModel, table=True):
    """Attributes:
    is_complete: all of it has come; only then it is distributed, and it never changes again.
    """

    __tablename__ = "adapter_job_local_file"

    id: str = Field(primary_key=True, max_length=32)
    bk_scope_type: str = Field(max_length=16)
    bk_scope_id: str = Field(max_length=32, index=True)
    name: str = Field(max_length=255)
    size: int = Field(default=0, sa_type=BigInteger)
    pieces: int = 0
    is_complete: bool = False
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)


class JobLocalFilePiece(SQLModel, table=True):
    """What one call brought of a file."""

    __tablename__ = "adapter_job_local_file_piece"

    file_id: str = Field(foreign_key="adapter_job_local_file.id", ondelete="CASCADE", primary_key=True, max_length=32)
    number: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)
