"""What the data plane is told about an app."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app, secrets_of
from gateway.access.grants.repository import active_grants
from gateway.policies.kinds.policy import Level
from gateway.policies.repository import policies_at
from kernel.errors import NotFound


async def app_document(session: AsyncSession, app_code: str, now: datetime) -> dict[str, Any]:
    """The app's shard: verifiers of its secrets, and the grants that hold now with their expiry, its limits."""
    app = await find_app(session, app_code)
    if app is None:
        raise NotFound(f"There is no app {app_code}")
    return {
        "kind": "app",
        "app_code": app_code,
        "enabled": app.enabled,
        "policies": await policies_at(session, Level.APP, app_code),
        "may_name_user": app.may_name_user,
        "secrets": [
            {"sha256": secret.sha256, "expires_at": None, "sealed": secret.sealed}
            for secret in await secrets_of(session, app_code)
        ],
        "grants": [
            {
                "system": grant.system,
                "component": grant.component,
                "expires_at": grant.expires_at.timestamp() if grant.expires_at is not None else None,
            }
            for grant in await active_grants(session, app_code, now)
        ],
    }
