"""What permissions ought to be, as plainly as it can be said: nothing here knows the product's code."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WAITING = {"applied", "asked"}


@dataclass(slots=True)
class ModelGrant:
    app: str
    application: str
    component: str | None
    applied_by: str
    days: int | None
    renews: str | None = None
    state: str = "applied"
    ends: datetime | None = None

    def at(self, now: datetime) -> str:
        over = self.state == "approved" and self.ends is not None and self.ends <= now
        return "expired" if over else self.state


@dataclass(slots=True)
class PermissionModel:
    """One system, its deciders, its components, apps and every grant they ever asked for."""

    components: set[str]
    deciders: set[str] = field(default_factory=set)
    self_approval: bool = False
    disabled: set[str] = field(default_factory=set)
    grants: dict[str, ModelGrant] = field(default_factory=dict)

    def may_call(self, app: str, component: str, now: datetime) -> bool:
        """The one question everything is about."""
        if component not in self.components or app in self.disabled:
            return False
        return any(
            grant.app == app and grant.at(now) == "approved" and grant.component in {component, None}
            for grant in self.grants.values()
        )

    def standing(self, app: str, component: str | None, now: datetime) -> set[str]:
        """Grants that make another application for the component idle."""
        return {
            name
            for name, grant in self.grants.items()
            if grant.app == app
            and (
                (grant.component == component and grant.at(now) in WAITING | {"approved"})
                or (grant.component is None and grant.at(now) == "approved")
            )
        }

    def of(self, application: str) -> dict[str, ModelGrant]:
        return {name: grant for name, grant in self.grants.items() if grant.application == application}

    def waiting(self, application: str, states: set[str], now: datetime) -> dict[str, ModelGrant]:
        return {name: grant for name, grant in self.of(application).items() if grant.at(now) in states}

    def approve(self, grant: ModelGrant, days: int | None, now: datetime) -> None:
        """From now, or from the end of what it renews while that holds."""
        old = self.grants.get(grant.renews or "")
        start = now
        if old is not None and old.at(now) == "approved":
            start = max(now, old.ends or now)
            old.state = "renewed"
        grant.state, grant.ends = "approved", None if days is None else start + timedelta(days=days)

    def renewable(self, name: str, now: datetime) -> str:
        """`file` when a renewal would be filed, `waits` when one waits already, `conflict` when there is nothing."""
        grant = self.grants[name]
        if grant.at(now) not in {"approved", "expired"} or grant.ends is None:
            return "conflict"
        follow = [
            each.at(now)
            for each in self.grants.values()
            if each.renews == name and each.at(now) not in {"refused", "withdrawn", "revoked"}
        ]
        if not follow:
            return "file"
        return "waits" if follow[0] in WAITING else "conflict"
