"""Whose a plugin is."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.principal import Principal
from marketplace.versions import wordings
from marketplace.versions.errors import PluginUnknown, PublisherTaken
from marketplace.versions.models import PluginRow
from marketplace.versions.standing.repository import lock_plugin


async def own_plugin(session: AsyncSession, authorizer: Authorizer, principal: Principal, code: str) -> PluginRow:
    """A plugin that the caller may change, held until the transaction ends.

    Raises:
        PluginUnknown: no such plugin.
        PermissionDenied: the caller doesn't publish, or the plugin is somebody else's.
    """
    await authorizer.require(session, principal, Action.PLUGIN_PUBLISH, PLATFORM)
    plugin = await lock_plugin(session, code)
    if plugin is None:
        raise PluginUnknown(f"There is no plugin {code!r}")
    if not principal.is_admin and plugin.owner != principal.id:
        problem = f"{code} belongs to {plugin.owner}"
        raise PublisherTaken(problem, fields=[wordings.ANOTHERS.at("code", plugin=code, owner=plugin.owner)])
    return plugin
