"""What comes with the product, put where people find it: the embedded systems, coded ones and the standard plugins.

Nothing that stands there already is touched. What can't be put there is told in the log and keeps nothing from serving.
"""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import structlog

import adapters
from gateway.identity.bootstrap import ADMIN
from kernel.errors import TrunklineError
from kernel.http.component_app import EmbeddedSystem
from kernel.principal import system_principal
from marketplace.authoring.folder import open_package
from marketplace.package.limits import MANIFEST
from marketplace.package.yaml_text import read_yaml
from trunkline.product import Product

_WHO = system_principal("trunkline")
_log = structlog.get_logger()


async def register_shipped(product: Product) -> None:
    """Registers embedded systems that nobody has registered, and publishes standard plugins that are not published.

    What an upgrade brings becomes a release that no stage serves, and a version that nobody has installed. One that
    asks for more than the version before waits until an administrator approves it.
    """
    systems = [
        system.name for system in product.shipped_systems if await _tried(system.name, _register(product, system))
    ]
    folders = await asyncio.to_thread(_folders)
    plugins = [folder.name for folder in folders if await _tried(folder.name, _publish(product, folder))]
    if systems or plugins:
        _log.info("shipped_parts_registered", systems=systems, plugins=plugins)


async def _register(product: Product, system: EmbeddedSystem) -> bool:
    outcome = await product.gateway.standard_registration.register(
        product.kernel.database, _WHO, system.name, aliases=system.aliases, owner=ADMIN
    )
    return outcome != "unchanged"


async def _publish(product: Product, folder: Path) -> bool:
    document: Any = await asyncio.to_thread(lambda: read_yaml((folder / MANIFEST).read_bytes()))
    database, publishing = product.kernel.database, product.marketplace.publishing
    async with database.reading() as session:
        if await publishing.has(session, document["code"], document["version"]):
            return False
    package = await asyncio.to_thread(open_package, folder)
    async with database.unit_of_work() as session:
        published = await publishing.publish(session, _WHO, package)
    return published.version is not None and published.made


async def _tried(name: str, work: Awaitable[bool]) -> bool:
    """Whether anything was put there."""
    try:
        return await work
    except TrunklineError as error:
        _log.warning("shipped_part_not_registered", name=name, reason=error.detail)
        return False


def _folders() -> list[Path]:
    return sorted(Path(adapters.__file__).parent.glob("*/plugins/*"))
