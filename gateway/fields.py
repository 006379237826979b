"""Names and texts as the management API of the gateway accepts them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

from kernel.names import NameRule

APP_CODE = r"^[a-z][a-z0-9_-]{1,31}$"
PROJECT_CODE = r"^[a-z][a-z0-9_-]{1,27}$"
SYSTEM_NAME = r"^[a-z][a-z0-9_-]{0,31}$"
COMPONENT_NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,127}$"
STAGE_NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,19}$"
USERNAME = r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$"
VERSION = r"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$"
RELEASE = VERSION.removesuffix("$") + (
    r"(-[0-9A-Za-z-]{1,20}(\.[0-9A-Za-z-]{1,20}){0,4})?(\+[0-9A-Za-z-]{1,20}(\.[0-9A-Za-z-]{1,20}){0,4})?$"
)
"""Of a release that is there: BlueKing's clients number with builds too, 1.0.0+20260102030405."""
IDENTIFIER = r"^[0-9a-f]{32}$"

AppCode = Annotated[str, StringConstraints(pattern=APP_CODE)]
ProjectCode = Annotated[str, StringConstraints(pattern=PROJECT_CODE)]
SystemName = Annotated[str, StringConstraints(pattern=SYSTEM_NAME)]
ComponentName = Annotated[str, StringConstraints(pattern=COMPONENT_NAME)]
StageName = Annotated[str, StringConstraints(pattern=STAGE_NAME)]
Username = Annotated[str, StringConstraints(pattern=USERNAME)]
Version = Annotated[str, StringConstraints(pattern=VERSION)]
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
ReleaseVersion = Annotated[str, StringConstraints(pattern=RELEASE, max_length=32)]

# Control characters have no place in a name, and PostgreSQL stores no NUL.
Line = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200, strip_whitespace=True), NameRule
]
RequiredLine = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", min_length=1, max_length=200, strip_whitespace=True),
    NameRule,
]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)]
Markdown = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=100_000)]

AppCodePath = Annotated[str, Path(pattern=APP_CODE)]
SystemPath = Annotated[str, Path(pattern=SYSTEM_NAME)]
ComponentPath = Annotated[str, Path(pattern=COMPONENT_NAME)]
StagePath = Annotated[str, Path(pattern=STAGE_NAME)]
UsernamePath = Annotated[str, Path(pattern=USERNAME)]
IdPath = Annotated[str, Path(pattern=IDENTIFIER)]
ProjectPath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{1,31}$", description="The project's id or code")]


class Input(BaseModel):
    """A body: an unknown field is an error, so a misspelt one is never silently ignored."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """An answer, read from a row or a frozen type."""

    model_config = ConfigDict(from_attributes=True)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside the years 1 to 9999 in UTC") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time of a caller's, with its offset; in UTC from here on."""
Time = datetime
