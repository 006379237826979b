from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import SealedText, UtcDateTime
from kernel.ids import new_id


class App(SQLModel, table=True):
    """An OAuth client. A project's service app belongs to nobody but the project and has no secret.

    Attributes:
        may_name_user: what it says about who its user is (`bk_username`) is believed.
        may_sign: its new secrets are kept sealed too, so that calls can be proven by `bk_signature`.
    """

    __tablename__ = "gateway_app"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    app_code: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=200)
    description: str = Field(default="", max_length=4000)
    owner: str | None = Field(default=None, max_length=64, index=True)
    project_id: str | None = Field(default=None, max_length=32, index=True)
    enabled: bool = True
    may_name_user: bool = False
    may_sign: bool = False
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class AppSecret(SQLModel, table=True):
    """A verifier of one of an app's secrets; several hold at a time, so that they can be changed without a gap.

    Attributes:
        sealed: the secret itself, for apps that sign: an HMAC can't be verified with a digest.
    """

    __tablename__ = "gateway_app_secret"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    app_code: str = Field(max_length=32, index=True)
    sha256: str = Field(max_length=64)
    sealed: str | None = Field(default=None, sa_type=SealedText(400))
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)

    @property
    def signs(self) -> bool:
        """Whether a signature made with it can be verified."""
        return self.sealed is not None
