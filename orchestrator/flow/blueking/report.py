from dataclasses import dataclass, field
from enum import StrEnum


class Weight(StrEnum):
    """NOTE: something a reader should know. LOST: it has no counterpart, and the flow runs without it. OPEN: somebody
    must finish it before the flow can be published or does the same.
    """

    NOTE = "note"
    LOST = "lost"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing of a conversion that is not plainly the same.

    Attributes:
        place: where in the tree: ``activities.n1.component.data.ip``.
        text: the text concerned, where there is one.
        position: the character of ``text`` it is about, from 0.
    """

    weight: Weight
    place: str
    message: str
    text: str | None = None
    position: int | None = None


@dataclass(slots=True)
class Report:
    """What a conversion has to say, in the order it came upon it."""

    remarks: list[Remark] = field(default_factory=list)

    def note(self, place: str, message: str) -> None:
        self.remarks.append(Remark(Weight.NOTE, place, message))

    def lost(self, place: str, message: str) -> None:
        self.remarks.append(Remark(Weight.LOST, place, message))

    def open(self, place: str, message: str, text: str | None = None, position: int | None = None) -> None:
        self.remarks.append(Remark(Weight.OPEN, place, message, text, position))
