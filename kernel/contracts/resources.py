"""Finding what a permission is on by its id: each unit knows its own kinds of resources."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import Resource

ResourceFinder = Callable[[AsyncSession, str], Awaitable[Resource | None]]
"""The resource of an id, with what it lies in; `None` when there is no such."""
