from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class User(SQLModel, table=True):
    """A person. What he may do stands in his role bindings, administrators' rights too.

    Attributes:
        password_hash: Argon2id; without one he signs in through an identity provider, or by a link to set one.
        must_change_password: an administrator set it, so it is good for one thing only.
        language: `en` or `zh`; None until somebody chose one, and then what his browser asks for counts.
    """

    __tablename__ = "gateway_user"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    username: str = Field(max_length=64, unique=True)
    password_hash: str | None = Field(default=None, max_length=256)
    must_change_password: bool = False
    display_name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=200)
    is_active: bool = True
    language: str | None = Field(default=None, max_length=8)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class PasswordLink(SQLModel, table=True):
    """A link by which a person sets his password once; stored as its SHA-256 only."""

    __tablename__ = "gateway_password_link"

    username: str = Field(primary_key=True, max_length=64)
    token_sha256: str = Field(max_length=64, unique=True)
    made_by: str = Field(max_length=128)
    expires_at: datetime = Field(sa_type=UtcDateTime)
