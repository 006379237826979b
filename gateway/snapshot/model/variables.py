"""Stage variables: ``{env.name}`` in an upstream path stands for what the stage says."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from gateway.snapshot.model.errors import ShardError

MOST_VARIABLES = 100
"""Of one stage."""
REFERENCE = re.compile(r"\{env\.([A-Za-z_][A-Za-z0-9_]*)\}")

# What may stand in a path unescaped (RFC 3986 §3.3); a slash separates segments as it does in the template.
_SAFE = "/-._~!$&'()*+,;=:@"


def fill_path(template: str, variables: Mapping[str, str]) -> str:
    """The template with its variables filled in, percent-encoded: a value can be segments of the path, nothing else.

    Raises ShardError for a variable the stage doesn't have, and for a value that would be a step up.
    """
    if "{env." not in template:
        return template

    def value_of(found: re.Match[str]) -> str:
        value = variables.get(found[1])
        if value is None:
            raise ShardError(f"variables: {template} needs {found[1]}, which the stage doesn't have")
        return quote(value.strip("/"), safe=_SAFE)

    filled = REFERENCE.sub(value_of, template)
    segments = filled.removeprefix("/").removesuffix("/").split("/")
    if any(segment.split(";", 1)[0] in ("", ".", "..") for segment in segments):
        raise ShardError(f"variables: {template} becomes {filled}, which has an empty or a dot segment")
    return filled
