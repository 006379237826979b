from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.fields import Input, View
from gateway.registry.signing.schemas import SigningSettings
from gateway.registry.stages.schemas import VariableName, VariableValue
from gateway.snapshot.schemas import LiveView

WayName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class EmbeddedBackEnd(Input):
    back_end: Literal["embedded"]


class BlueKingBackEnd(Input):
    """Attributes:
    through: the way to BlueKing's system; `ways` of the answer to GET has all.
    address: of its ESB, of its gateway's stage (`https://bkapi.example.com/api/bk-cmdb/prod`), or of the system itself.
        Left out, the stage forwards to where it does.
    signing: left out, the stage signs as it does.
    variables: set on the stage, beside those it has.
    """

    back_end: Literal["blueking"]
    through: WayName
    address: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")] | None = None
    signing: SigningSettings | None = None
    variables: Annotated[dict[VariableName, VariableValue], Field(default_factory=dict, max_length=20)]


BackEndSettings = Annotated[EmbeddedBackEnd | BlueKingBackEnd, Field(discriminator="back_end")]


class LackingComponent(View):
    component: str
    reason: str


class WayView(View):
    """Attributes:
    signing: the profiles that are believed there.
    lacking: components that are refused there.
    """

    through: str
    signing: list[str]
    lacking: list[LackingComponent]


class BackEndView(View):
    """Attributes:
    back_end: none where the stage's release was made otherwise.
    lacking: components that are refused now.
    ways: none where there is nothing to choose from.
    """

    back_end: Literal["embedded", "blueking"] | None
    through: str | None
    release: str
    address: str
    lacking: list[LackingComponent]
    ways: list[WayView]


class ChosenBackEnd(LiveView):
    back_end: BackEndView
