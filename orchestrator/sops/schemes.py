"""Execution schemes as clients of Standard OPS name them: the template's number, a hyphen, the scheme's name."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from orchestrator.schemes.models import Scheme
from orchestrator.schemes.repository import schemes_of
from orchestrator.sops.errors import ParameterWrong

FIELD: Final = "template_schemes_id"


def scheme_name(number: int, name: str) -> str:
    return f"{number}-{name}"


async def chosen_schemes(session: AsyncSession, flow_id: str, number: int, given: Sequence[str]) -> tuple[str, ...]:
    """Ids of the schemes that a client names.

    Raises:
        ParameterWrong: the template has no such scheme.
    """
    if not given:
        return ()
    known = {scheme_name(number, scheme.name): scheme.id for scheme in await schemes_of(session, flow_id)}
    strange = [name for name in given if name not in known]
    if strange:
        raise ParameterWrong(FIELD, f"{strange[0]!r} is no scheme of the template, which has {_listed(known)}")
    return tuple(known[name] for name in given)


async def scheme_names(session: AsyncSession, numbers: Mapping[str, int]) -> dict[str, str]:
    """Id → name, as clients know it, of all schemes of some flows.

    Args:
        numbers: those of the flows, by their ids.
    """
    statement = select(Scheme).where(col(Scheme.flow_id).in_(numbers))
    found = (await session.execute(statement)).scalars()
    return {scheme.id: scheme_name(numbers[scheme.flow_id], scheme.name) for scheme in found}


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
