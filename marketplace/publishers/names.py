"""May this publisher publish under these names?"""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import FieldProblem
from kernel.principal import Principal
from marketplace.package.confusable import confusable_with
from marketplace.package.manifest import Manifest
from marketplace.publishers.repository import all_namespaces, find_publisher, others_codes, others_names
from marketplace.versions.models import PluginRow

_ASK = "Choose another one, or ask an administrator to publish it"


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
            problem = FieldProblem("code", f"may be taken for {other}, which another publisher publishes", _ASK)
    return [problem] if problem is not None else []


def _continued(principal: Principal, manifest: Manifest, plugin: PluginRow) -> list[FieldProblem]:
    if plugin.publisher != manifest.publisher:
        problem = f"{plugin.code} is published by {plugin.publisher}"
        return [FieldProblem("publisher", problem, f"Write {plugin.publisher}")]
    if not principal.is_admin and plugin.owner != principal.id:
        return [FieldProblem("code", f"{plugin.code} belongs to {plugin.owner}", "Choose another code")]
    return []


async def _publisher_problem(session: AsyncSession, principal: Principal, manifest: Manifest) -> FieldProblem | None:
    if principal.is_admin:
        return None
    known = await find_publisher(session, manifest.publisher)
    if known is not None:
        if known.owner == principal.id:
            return None
        return FieldProblem("publisher", f"{known.name} is the name of {known.owner}", "Choose another name")
    other = confusable_with(manifest.publisher, await others_names(session, principal.id))
    if other is None:
        return None
    return FieldProblem("publisher", f"may be taken for {other}, which is somebody else's", _ASK)


async def _reserved(session: AsyncSession, manifest: Manifest) -> FieldProblem | None:
    """The longest prefix decides: within a reserved one a part may be reserved for others."""
    found = [each for each in await all_namespaces(session) if manifest.code.startswith(each.prefix)]
    if not found:
        return None
    closest = max(found, key=lambda each: len(each.prefix))
    if manifest.publisher in closest.publishers:
        return None
    problem = f"{closest.prefix}… is reserved for {', '.join(closest.publishers)}"
    return FieldProblem("code", problem, "Choose another code, or ask an administrator to add the publisher")
