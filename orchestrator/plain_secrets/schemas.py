from typing import Annotated

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body
from orchestrator.plain_secrets.service import MOST, Kind


class PlainSecretRef(Body):
    """Something that keeps a secret as it was typed."""

    kind: Kind
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class PlainSecretView(BaseModel):
    kind: Kind
    id: str
    project_id: str


class PlainSecretList(BaseModel):
    """At most 1000 at once; what is left comes with the next look."""

    items: list[PlainSecretView]


class SealBody(Body):
    """`items` as they were found."""

    items: Annotated[list[PlainSecretRef], Field(min_length=1, max_length=MOST)]
