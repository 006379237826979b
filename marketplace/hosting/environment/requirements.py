"""`requirements.txt` of a hosted plugin: pinned, with hashes, or nothing. Pure."""

import re
from dataclasses import dataclass
from typing import Final

_KIT: Final = "trunkline-plugin"
_CONTINUED = re.compile(r"\\\s*\n")
_COMMENT = re.compile(r"(^|\s)#.*$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PINNED = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*===?\s*[^\s;*,]+\s*(;[^#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+"
)


class RequirementsUnfit(Exception):
    """The requirements can't be installed as they are; the message says which line, and what to do."""


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
            raise RequirementsUnfit(f"requirements.txt: {wanted[:100]!r} is no requirement; leave it out")
        if re.sub(r"[-_.]+", "-", name[0]).lower() == _KIT:
            continue
        if not _PINNED.fullmatch(wanted):
            problem = f"requirements.txt: {wanted[:100]!r} is not pinned with its hashes"
            raise RequirementsUnfit(f"{problem}; write it with `uv pip compile --generate-hashes`")
        found.append(wanted)
    return Requirements(tuple(found))
