from sqlmodel import Field, SQLModel

from kernel.db.types import SealedText


class SecretInput(SQLModel, table=True):
    """A secret that somebody filled in where a form asks for one.

    Attributes:
        id: what stands in its handle.
        owner: the task, schedule or trigger among whose values the handle stands; for nothing else it is opened.
    """

    __tablename__ = "orchestrator_secret_input"

    owner: str = Field(primary_key=True, max_length=32)
    id: str = Field(primary_key=True, max_length=32)
    sealed: str = Field(sa_type=SealedText)
