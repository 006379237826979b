"""Flows that use something of their project, a line each."""

from collections.abc import Mapping
from typing import Any


def flow_use_line(use: Mapping[str, Any]) -> str:
    """Args:
    use: as the management API tells it.
    """
    which = "draft" if use["revision"] is None else f"revision {use['revision']}"
    places = (f"{place['node_id'] or '-'}:{place['field']}" for place in use["places"])
    return f"{use['flow_id']}\t{use['flow_name']}\t{which}\t{' '.join(places)}"
