from typing import Annotated

from pydantic import Field

from gateway.access.grant_rules.rules import LONGEST_DAYS
from gateway.fields import Input, View

TermDays = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]


class GrantRulesInput(Input):
    """What is left out stays.

    Attributes:
        terms: days that may be applied for; null among them is a grant without end.
        reminder_days: so many days before the end somebody is reminded; none means nobody is.
    """

    terms: Annotated[list[TermDays | None], Field(min_length=1, max_length=20)] | None = None
    self_approval: bool | None = None
    reminder_days: Annotated[list[TermDays], Field(max_length=10)] | None = None


class GrantRulesView(View):
    system: str
    terms: list[int | None]
    self_approval: bool
    reminder_days: list[int]
