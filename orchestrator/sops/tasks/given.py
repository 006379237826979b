"""What clients fill in, by the names of the inputs it is for. Pure."""

from collections.abc import Mapping
from typing import Any

from orchestrator.flow.blueking.names import bare
from orchestrator.sops.errors import ParameterWrong


def given_inputs(constants: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names of the inputs they are for.

    Raises:
        ParameterWrong: the flow asks for no such thing.
    """
    form = definition.get("form") or {"schema": {}}
    known = form["schema"].get("properties", {})
    found = {bare(key): value for key, value in constants.items()}
    strange = sorted(name for name in found if name not in known)
    if strange:
        asked = ", ".join(sorted(known)) or "nothing"
        raise ParameterWrong(f"constants.{strange[0]}", f"is no input of the flow, which asks for {asked}")
    return found
