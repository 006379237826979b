"""Why an address that somebody wants called later can't be, told while that person is looking."""

import asyncio
from typing import Final

from kernel.transport.addresses import AddressPolicy, resolve
from kernel.transport.errors import AddressDenied, InvalidRequest, ResolveFailed
from kernel.transport.origin import parse_url

_PATIENCE_SECONDS: Final = 3.0
"""Whoever asks may hold a transaction meanwhile."""


async def address_problem(policy: AddressPolicy, url: str) -> str | None:
    """None for an address that may be called now. It is checked again whenever it is called."""
    try:
        origin, _ = parse_url(url)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await resolve(origin, policy)
    except AddressDenied:
        remedy = f"have the operator add {origin} to TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS"
        return f"leads inside the machine or its network; {remedy}"
    except TimeoutError:
        return f"can't be looked up: no resolver answers within {_PATIENCE_SECONDS:g} seconds; try again"
    except (InvalidRequest, ResolveFailed) as error:
        return str(error)
    return None
