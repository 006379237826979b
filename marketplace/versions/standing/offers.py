"""May a version be installed anew?"""

import json
from importlib import metadata

from sqlalchemy.ext.asyncio import AsyncSession

from marketplace.package.ranges import read_range
from marketplace.versions import wordings
from marketplace.versions.errors import VersionIncompatible, VersionYanked
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.standing.repository import standing_of

_PRODUCT = "trunkline"


async def require_offered(session: AsyncSession, version: PluginVersionRow) -> None:
    """Raises:
    VersionYanked: its author withdrew it from new use.
    VersionIncompatible: it asks for another version of this product.
    """
    standing = await standing_of(session, version.id)
    if standing.is_yanked:
        problem = f"{version.plugin_code} {version.version} was yanked: {standing.yank_message}"
        raise VersionYanked(problem, fields=[wordings.YANKED.at("version")])
    asked = json.loads(version.manifest).get("requires")
    product = metadata.version(_PRODUCT)
    if asked is not None and not read_range(asked["trunkline"]).admits(product):
        problem = f"{version.plugin_code} {version.version} asks for Trunkline {asked['trunkline']}; this is {product}"
        fields = [wordings.OTHER_PRODUCT.at("version")]
        raise VersionIncompatible(problem, fields=fields)
