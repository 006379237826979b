"""How far a reader has come in the log of a host."""

import re
from dataclasses import dataclass
from typing import Final

from adapters.job.service.workspace import MAX_LOG, Log

_WRITTEN: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,15})(-end)?")
_LEFT_OUT: Final = re.compile(r"\[([0-9]{1,15}) bytes left out\]\n")
_REPLACED: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Attributes:
    attempt: of the script, which may be started again on its host.
    offset: bytes of the log that the reader has.
    ended: the reader knows how it ended.
    """

    attempt: int
    offset: int
    ended: bool = False

    def __str__(self) -> str:
        return f"{self.attempt}-{self.offset}{'-end' if self.ended else ''}"

    @classmethod
    def parse(cls, text: str) -> "LogPlace | None":
        """What `str` wrote; none of anything else."""
        found = _WRITTEN.fullmatch(text)
        return cls(int(found[1]), int(found[2]), found[3] is not None) if found else None


def rest_of(kept: str, offset: int) -> Log:
    """What follows a byte of a log that has ended.

    The whole of what is kept, from its beginning, where that can't be told: bytes that were no text have been replaced
    by longer ones, and of a long log the beginning is gone.
    """
    data = kept.encode()
    notice = _LEFT_OUT.match(kept) if len(data) > MAX_LOG else None
    shift, first = (int(notice[1]) - notice.end(), notice.end()) if notice else (0, 0)
    end = shift + len(data)
    if _REPLACED in kept or not shift + first <= offset <= end:
        return Log(kept, 0, end)
    return Log(data[offset - shift :].decode(errors="replace"), offset, end)
