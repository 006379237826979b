"""Names of query parameters: one that an address does not know is refused, since a filter that was misspelt would
answer more than was asked for.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from kernel.errors import FieldProblem, Invalid
from kernel.http.wordings import MISNAMED_PARAMETER, NO_PARAMETERS, UNKNOWN_PARAMETER

_TOLD = 5
_COMPARED_CHARACTERS = 64


async def others_lead_here() -> None:
    """Marks an endpoint to which others lead, with whatever parameters they like."""


OTHERS_LEAD_HERE = Depends(others_lead_here)


async def only_known_parameters(request: Request) -> None:
    """Raises Invalid: the query has a parameter that the endpoint does not read."""
    if not request.scope["query_string"]:
        return
    route: APIRoute = request.scope["route"]
    parts = tuple(_parts(route.dependant))
    if any(part.call is others_lead_here for part in parts):
        return
    known = tuple(field.alias for part in parts for field in part.query_params)
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        raise Invalid.of(*(_problem(name, known) for name in unknown[:_TOLD]))


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    """An endpoint and all it depends on."""
    yield dependant
    for each in dependant.dependencies:
        yield from _parts(each)


def _problem(name: str, known: tuple[str, ...]) -> FieldProblem:
    if not known:
        return NO_PARAMETERS.at(name)
    nearest = get_close_matches(name[:_COMPARED_CHARACTERS].lower(), known, n=1)
    if not nearest:
        return UNKNOWN_PARAMETER.at(name, known=known)
    return MISNAMED_PARAMETER.at(name, nearest=nearest[0], known=known)
