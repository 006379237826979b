"""What people call things: every name can be read, stands on one line, and no text beside it is turned around."""

import unicodedata
from typing import Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from kernel.errors import FieldProblem
from kernel.wording import Wording, Wordings

NAMES: Final = Wordings("name")
_BROKEN = NAMES.add("line", "holds a line break or another control character", "Write it on one line")
_TURNING = NAMES.add("direction", "holds {character}, which turns the text beside it around", "Remove the character")
_HIDDEN = NAMES.add("hidden", "holds {character}, which nobody sees", "Remove the character")
_UNSEEN = NAMES.add("unseen", "holds only characters that nobody sees", "Write something that can be read")

_BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})
"""Categories of Unicode that end a line or control a terminal."""
_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates of UAX #9; its marks stand for one place, and Hebrew and Arabic need them."""
_NOWHERE_NEEDED: Final = frozenset(
    "\u00ad\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\u206a\u206b\u206c\u206d\u206e\u206f\ufff9\ufffa\ufffb\U000e0001"
)
"""Characters without width that no script and no emoji is written with, unlike joiners and variation selectors; those
of the second line Unicode itself discourages, or leaves to programs.
"""
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""


def name_problem(field: str, name: str) -> FieldProblem | None:
    """What is wrong with a name; of an empty one nothing, since some may be left empty."""
    found = _wrong(name)
    return None if found is None else found[0].at(field, **_naming(found[1]))


def in_plain_characters(name: str) -> str:
    """A name from elsewhere, without what `name_problem` would refuse; empty where nothing of it can be seen."""
    line = "".join(" " if unicodedata.category(each) in _BREAKS else each for each in name)
    plain = "".join(each for each in line if each not in _TURNS and each not in _NOWHERE_NEEDED).strip()
    return "" if all(map(_is_unseen, plain)) else plain


def _checked(name: str) -> str:
    found = _wrong(name)
    if found is None:
        return name
    raise PydanticCustomError(found[0].code, found[0].text, dict(_naming(found[1])))


NameRule: Final = AfterValidator(_checked)
"""The rule for models; `kernel.shape_problems` tells what it refuses."""


def _wrong(name: str) -> tuple[Wording, str] | None:
    """What is to be said, and of which character where it is of one."""
    if any(unicodedata.category(each) in _BREAKS for each in name):
        return _BROKEN, ""
    if name and all(map(_is_unseen, name)):
        return _UNSEEN, ""
    for each in name:
        if each in _TURNS:
            return _TURNING, each
        if each in _NOWHERE_NEEDED:
            return _HIDDEN, each
    return None


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Zs"} or character in _BLANK or _selects(character)


def _selects(character: str) -> bool:
    """Whether it selects a variation of the character before it."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _naming(character: str) -> dict[str, str]:
    return {"character": f"U+{ord(character):04X}"} if character else {}
