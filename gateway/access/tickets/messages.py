"""What ticket systems are told. Pure."""

from collections.abc import Sequence
from typing import Any

from gateway.access.grants.models import Grant, GrantEvent


def message_type(event: GrantEvent) -> str:
    """`application.approved` and so on."""
    return f"application.{event.step}"


def message(event: GrantEvent, grants: Sequence[Grant], public_url: str) -> dict[str, Any]:
    """The step, and of the application what a ticket needs; where to decide on it."""
    first = grants[0]
    return {
        "type": message_type(event),
        "timestamp": event.at.isoformat(),
        "data": {
            "application": {
                "id": first.application_id,
                "app_code": first.app_code,
                "system": first.system,
                "reason": first.reason,
                "days": first.days,
                "applied_by": first.applied_by,
                "applied_at": first.applied_at.isoformat(),
                "decision_url": f"{public_url}/v1/applications/{first.application_id}/decision",
            },
            "step": event.step,
            "actor": event.actor,
            "text": event.text,
            "grants": [
                {
                    "id": grant.id,
                    "component": grant.component,
                    "state": grant.state,
                    "expires_at": grant.expires_at.isoformat() if grant.expires_at is not None else None,
                }
                for grant in grants
            ],
        },
    }
