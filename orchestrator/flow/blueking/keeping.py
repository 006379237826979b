"""What Standard OPS has no words for, kept beside its own members of a tree, so that nothing is lost on the way back.

Standard OPS passes over members it does not know. Whoever changes the part there has changed the flow: what was kept
counts only while the part is as it was written.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

MEMBER: Final = "trunkline"
_NOT_ITS_OWN: Final = frozenset({MEMBER, "pipeline"})
"""Besides, a task's tree has those of its sub-processes inside."""


def keep(part: dict[str, Any], own: Any, seen: Any = None) -> None:
    """Puts ours beside it.

    Args:
        seen: what else of the tree is a translation of it.
    """
    part[MEMBER] = {"is": own, "digest": _digest(part, seen)}


def kept(part: Mapping[str, Any], seen: Any = None) -> Any:
    """Ours, or none: nothing was kept, or the part was changed since."""
    found = part.get(MEMBER)
    if not isinstance(found, Mapping) or found.get("digest") != _digest(part, seen):
        return None
    return found.get("is")


def _digest(part: Mapping[str, Any], seen: Any) -> str:
    plain = {name: value for name, value in part.items() if name not in _NOT_ITS_OWN}
    text = json.dumps([plain, seen], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
