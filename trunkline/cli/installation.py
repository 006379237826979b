"""The installation on this machine, for commands that work by its settings and ask no server."""

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from kernel.settings import Settings

if TYPE_CHECKING:
    from trunkline.product import Product


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> "AsyncIterator[Product]":
    """Every unit of the product, none of them at work."""
    from trunkline.product import Product, Roles  # noqa: PLC0415  takes seconds to load; most commands needn't

    product = Product(settings, Roles(embedded=False, works=False))
    try:
        yield product
    finally:
        await product.kernel.database.close()
