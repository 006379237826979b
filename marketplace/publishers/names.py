"""May this publisher publish under these names?"""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem
from kernel.principal import Principal
from marketplace.package.confusable import confusable_with
from marketplace.package.manifest import Manifest
from marketplace.publishers.repository import all_namespaces, find_publisher, others_codes, others_names
from marketplace.versions import wordings
from marketplace.versions.models import PluginRow


async def name_problems(
    session: AsyncSession, principal: Principal, manifest: Manifest, plugin: PluginRow | None
) -> list[FieldProblem]:
    """Names that belong to others, are reserved for others, or may be taken for those of others.

    Args:
        plugin: what is published under the code already. Its first version was looked at; the rest may follow.
    """
    if plugin is not None:
        return _continued(principal, manifest, plugin)
    problem = await _publisher_problem(session, principal, manifest) or await _reserved(session, manifest)
    if problem is None and not principal.is_admin:
        other = confusable_with(manifest.code, await others_codes(session, manifest.publisher))
        if other is not None:
            problem = wordings.CODE_LIKE.at("code", other=other)
    return [problem] if problem is not None else []


def _continued(principal: Principal, manifest: Manifest, plugin: PluginRow) -> list[FieldProblem]:
    if plugin.publisher != manifest.publisher:
        return [wordings.OTHER_PUBLISHER.at("publisher", plugin=plugin.code, publisher=plugin.publisher)]
    if not principal.is_admin and plugin.owner != principal.id:
        return [wordings.OTHER_OWNER.at("code", plugin=plugin.code, owner=plugin.owner)]
    return []


async def _publisher_problem(session: AsyncSession, principal: Principal, manifest: Manifest) -> FieldProblem | None:
    if principal.is_admin:
        return None
    known = await find_publisher(session, manifest.publisher)
    if known is not None:
        if known.owner == principal.id:
            return None
        return wordings.NAME_OF_OTHER.at("publisher", publisher=known.name, owner=known.owner)
    other = confusable_with(manifest.publisher, await others_names(session, principal.id))
    if other is None:
        return None
    return wordings.NAME_LIKE.at("publisher", other=other)


async def _reserved(session: AsyncSession, manifest: Manifest) -> FieldProblem | None:
    """The longest prefix decides: within a reserved one a part may be reserved for others."""
    found = [each for each in await all_namespaces(session) if manifest.code.startswith(each.prefix)]
    if not found:
        return None
    closest = max(found, key=lambda each: len(each.prefix))
    if manifest.publisher in closest.publishers:
        return None
    return wordings.RESERVED.at("code", prefix=closest.prefix, publishers=tuple(closest.publishers))
