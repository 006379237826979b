"""What breaks a schema, in the words of forms: where, what is wrong, and what to send instead; never the value."""

import jsonschema_rs

from kernel.forms.wording import field_problems

_LONGEST = 300


def told(error: jsonschema_rs.ValidationError, at: str, separator: str) -> str:
    """`at.name: is missing; give a value`.

    Args:
        at: what stands before the place inside the value; empty for a body, where its names alone say where.
        separator: between the names of a place.
    """
    found = next(field_problems([error], ""))
    steps = [step.replace("~1", "/").replace("~0", "~") for step in found.field.split("/")[1:]]
    place = separator.join([*([at] if at else []), *steps]) or "body"
    remedy = found.remedy[:1].lower() + found.remedy[1:]
    return shortened(f"{place}: {found.problem}; {remedy}")


def shortened(text: str) -> str:
    """An error's text, no longer than people read."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
