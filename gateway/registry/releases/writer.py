"""Making a release of definitions: the one place that writes what never changes again."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.models import Release, ReleaseComponent
from gateway.registry.repository import find_release, newest_release
from kernel.audit.log import record
from kernel.errors import Conflict
from kernel.principal import Principal


def digest_of(components: Sequence[ComponentDefinition]) -> str:
    """SHA-256 over the definitions: equal digests are equal releases."""
    text = json.dumps([component.document() for component in components], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def write_release(
    session: AsyncSession,
    principal: Principal,
    system: str,
    version: str,
    components: Sequence[ComponentDefinition],
    now: datetime,
    *,
    comment: str = "",
    forced_because: str = "",
) -> Release:
    """The caller holds the publisher's lock and has checked the right to.

    Raises:
        Conflict: there is such a version.
    """
    if await find_release(session, system, version) is not None:
        raise Conflict(
            f"{system} has the release {version} already; give a version that is free", code="version_exists"
        )
    newest = await newest_release(session, system)
    release = Release(
        system=system,
        version=version,
        number=newest.number + 1 if newest is not None else 1,
        digest=digest_of(components),
        components_count=len(components),
        comment=comment,
        forced_because=forced_because,
        created_by=principal.id,
        created_at=now,
    )
    session.add(release)
    session.add_all(
        ReleaseComponent(
            id=f"{release.id[:24]}{position:08x}",  # lists go by id: the order of the definitions
            release_id=release.id,
            position=position,
            **component.columns(),
        )
        for position, component in enumerate(components)
    )
    await session.flush()
    published = {"release": version, "components": release.components_count, "digest": release.digest}
    said = {name: text for name, text in (("comment", comment), ("forced_because", forced_because)) if text}
    record(session, principal, "release.published", "system", system, after=published | said)
    return release
