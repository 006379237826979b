"""What is asked and answered about people."""

from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, model_validator

from adapters.notify.service.people.preferences import Importance
from adapters.notify.service.schemas import Asked, Topic

Username = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\s,;@]+$")]
MsgTypeName = Annotated[str, Field(min_length=1, max_length=32)]
ClockTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone; send a name such as Asia/Shanghai")
    return name


class PreferenceRule(Asked):
    """The first rule that matches a message decides by which kinds it comes; no kinds means not at all."""

    topic: Topic = Field(default="", description="Empty for every topic.")
    importance: list[Importance] = Field(default_factory=list, description="Empty for every importance.")
    msg_types: list[MsgTypeName] = Field(default_factory=list, max_length=20)


class PreferenceChoices(Asked):
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_known_zone)] = "UTC"
    quiet_from: ClockTime = Field(default="", description="Local time, as 22:00. Mail and what is urgent come anyway.")
    quiet_to: ClockTime = ""
    rules: list[PreferenceRule] = Field(default_factory=list, max_length=50)

    @model_validator(mode="after")
    def _both_ends(self) -> Self:
        if bool(self.quiet_from) != bool(self.quiet_to):
            raise ValueError("quiet_from and quiet_to go together; send both or neither")
        return self


class SetPreferences(PreferenceChoices):
    username: Username


class OfUser(Asked):
    username: Username


class PreferencesView(BaseModel):
    username: str
    time_zone: str
    quiet_from: str
    quiet_to: str
    rules: list[PreferenceRule]
    is_set: bool
