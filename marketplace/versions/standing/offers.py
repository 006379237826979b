"""May a version be installed anew?"""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem
from marketplace.versions.errors import VersionYanked
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.standing.repository import standing_of


async def require_offered(session: AsyncSession, version: PluginVersionRow) -> None:
    """Raises:
    VersionYanked: its author withdrew it from new use.
    """
    standing = await standing_of(session, version.id)
    if standing.is_yanked:
        problem = f"{version.plugin_code} {version.version} was yanked: {standing.yank_message}"
        raise VersionYanked(problem, fields=[FieldProblem("version", "is yanked", "Choose another version")])
