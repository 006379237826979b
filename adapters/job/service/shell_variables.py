"""Values that a shell script finds under names."""

import re
import shlex
from collections.abc import Mapping


def with_variables(script: str, variables: Mapping[str, str]) -> str:
    """The script with assignments before its first line, so that its lines keep their numbers.

    Only what the script refers to, as `$NAME` or `${NAME…}`, is assigned, and nothing is exported: what it doesn't use,
    and what it starts, learns nothing.
    """
    used = [f"{name}={shlex.quote(value)}; " for name, value in variables.items() if _refers_to(script, name)]
    return "".join([*used, script])


def _refers_to(script: str, name: str) -> bool:
    return re.search(rf"\$\{{?[#!]?{re.escape(name)}(?![A-Za-z0-9_])", script) is not None
