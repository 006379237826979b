"""What a system's owner lays down about grants on it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.errors import Invalid

LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class GrantRules:
    """Attributes:
    terms: days that may be applied for; `None` among them is a grant without end.
    self_approval: who applied may approve it himself, if he decides on the system's grants.
    reminder_days: so many days before its end somebody is reminded of a grant.
    """

    terms: tuple[int | None, ...] = (180, 360, None)
    self_approval: bool = False
    reminder_days: tuple[int, ...] = (30, 7, 1)

    def check_term(self, days: int | None, system: str) -> None:
        """Raises Invalid when nobody may apply for so long."""
        if days not in self.terms:
            raise Invalid.field(
                "days", f"{_named(days)} is no term of {system}", f"Send one of: {_offered(self.terms)}"
            )


USUAL_RULES = GrantRules()


def _named(days: int | None) -> str:
    return "null (without end)" if days is None else str(days)


def _offered(terms: Sequence[int | None]) -> str:
    return ", ".join(map(_named, terms))
