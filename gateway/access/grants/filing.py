"""Grants as they are asked for."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.access.grants.models import Grant
from gateway.access.grants.states import GrantState
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Filing:
    """What the grants of one application have in common."""

    app_code: str
    system: str
    reason: str
    days: int | None
    applied_by: str
    applied_at: datetime
    application_id: str = field(default_factory=new_id)

    @classmethod
    def of(cls, grant: Grant) -> "Filing":
        """Of the application a grant belongs to."""
        return cls(
            grant.app_code,
            grant.system,
            grant.reason,
            grant.days,
            grant.applied_by,
            grant.applied_at,
            grant.application_id,
        )

    def grant(self, component: str | None, renews: str | None = None) -> Grant:
        return Grant(
            application_id=self.application_id,
            renews=renews,
            app_code=self.app_code,
            system=self.system,
            component=component,
            state=GrantState.APPLIED.value,
            reason=self.reason,
            days=self.days,
            applied_by=self.applied_by,
            applied_at=self.applied_at,
        )
