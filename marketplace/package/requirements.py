"""`requirements.txt` of a hosted plugin: pinned, with hashes, or nothing. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from kernel.errors import FieldProblem
from marketplace.package import wordings
from marketplace.package.limits import REQUIREMENTS

_KIT: Final = "trunkline-plugin"
_STOOD_IN_FOR: Final = frozenset({"bk-plugin-framework", "bk-plugin-runtime"})
"""Names that plugins written for BlueKing require; the kit answers to what they import of them."""
_CONTINUED = re.compile(r"\\\s*\n")
_COMMENT = re.compile(r"(^|\s)#.*$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PINNED = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*===?\s*[^\s;*,]+\s*(;[^#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+"
)


class RequirementsUnfit(Exception):
    """The requirements can't be installed as they are.

    Attributes:
        problem: which line, and what is wrong with it.
    """

    def __init__(self, problem: FieldProblem) -> None:
        super().__init__(f"{problem.field}: {problem.problem}; {problem.remedy}")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Requirements:
    """Attributes:
    lines: what is to be installed beside the kit, which is here already.
    """

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def read_requirements(text: str) -> Requirements:
    """Raises:
    RequirementsUnfit: a line is an option, or not pinned to one version with its hashes.
    """
    found: list[str] = []
    for line in _CONTINUED.sub(" ", text).splitlines():
        wanted = " ".join(_COMMENT.sub("", line).split())
        if not wanted:
            continue
        name = _NAME.match(wanted)
        if name is None:
            raise RequirementsUnfit(wordings.NO_REQUIREMENT.at(REQUIREMENTS, line=repr(wanted[:100])))
        distribution, pinned = re.sub(r"[-_.]+", "-", name[0]).lower(), _PINNED.fullmatch(wanted)
        if distribution == _KIT or (distribution in _STOOD_IN_FOR and not pinned):
            continue
        if not pinned:
            raise RequirementsUnfit(wordings.NOT_PINNED.at(REQUIREMENTS, line=repr(wanted[:100])))
        found.append(wanted)
    return Requirements(tuple(found))
