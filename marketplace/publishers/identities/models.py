from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.db.types import JsonValue, UtcDateTime
from kernel.ids import new_id


class PublisherIdentityRow(SQLModel, table=True):
    """Whose tokens publish under a publisher's name without a person's credential.

    Attributes:
        issuer: of the tokens (OpenID Connect).
        subject: what they say of whom they are; `*` at the end stands for any text.
        plugins: codes it publishes, in which `*` stands for any text.
        proven_at: when a token of it came first; none before, when its issuer is no longer admitted, and once no token
            has come for too long.
        proven_subject: what that token said.
        warned_at: when its owner was told that the proof is about to lapse; none since a token came.
    """

    __tablename__ = "marketplace_publisher_identity"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    publisher: str = Field(max_length=64, foreign_key="marketplace_publisher.name", index=True)
    issuer: str = Field(max_length=500)
    subject: str = Field(max_length=255)
    plugins: list[str] = Field(sa_type=JsonValue)
    created_by: str = Field(max_length=128)
    created_at: datetime = Field(sa_type=UtcDateTime)
    proven_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proven_subject: str | None = Field(default=None, max_length=255)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    warned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PublishTokenRow(SQLModel, table=True):
    """A short right to publish one plugin, that an identity's token was exchanged for.

    Attributes:
        digest: of the token, which nobody keeps.
    """

    __tablename__ = "marketplace_publish_token"

    digest: str = Field(primary_key=True, max_length=64)
    identity_id: str = Field(max_length=32)
    publisher: str = Field(max_length=64)
    plugin: str = Field(max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
