from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from marketplace.package.ranges import MAX_LENGTH

_Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
_Text = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class Severity(StrEnum):
    """From the least to the worst."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LocalizedLine(_Body):
    en: _Line
    zh: _Line


class LocalizedLongText(_Body):
    """Markdown."""

    en: _Text
    zh: _Text


class NewAdvisory(_Body):
    """`affected` is a range of versions, e.g. `>=1.0.0 <1.4.2`."""

    severity: Severity
    affected: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, pattern=r"^[^\x00]*$")]
    title: LocalizedLine
    text: LocalizedLongText


class WithdrawalBody(_Body):
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class AdvisoryView(BaseModel):
    """`withdrawn_at` is null as long as it holds."""

    id: str
    plugin: str
    severity: Severity
    affected: str
    title: LocalizedLine
    text: LocalizedLongText
    published_by: str
    published_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


class InstallWarning(BaseModel):
    """An advisory that holds for a version installed in a project."""

    plugin: str
    version: str
    advisory: AdvisoryView
