"""Random lives of grants: what the data plane's snapshot permits is, after every step, what a plain model says."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from tests.support.management import Management, document

COMPONENTS = ("list_hosts", "create_host", "get_host")


@dataclass(slots=True)
class _Grant:
    component: str | None
    state: str = "applied"
    ends: datetime | None = None

    def state_at(self, now: datetime) -> str:
        over = self.state == "approved" and self.ends is not None and self.ends <= now
        return "expired" if over else self.state


@dataclass(slots=True)
class _Model:
    """All grants an app ever asked for, by id."""

    grants: dict[str, _Grant] = field(default_factory=dict)

    def may_call(self, component: str, now: datetime) -> bool:
        return any(
            grant.state_at(now) == "approved" and grant.component in {component, None} for grant in self.grants.values()
        )

    def standing(self, component: str | None, now: datetime) -> set[str]:
        """An approved one for the whole system stands for each component; one that waits stands for itself alone."""
        return {
            name
            for name, grant in self.grants.items()
            if (grant.state_at(now), grant.component)
            in {("applied", component), ("approved", component), ("approved", None)}
        }


@dataclass(slots=True)
class _Life:
    """One app's random life; `story` tells what happened, for a failure."""

    management: Management
    app_code: str
    chance: random.Random
    model: _Model = field(default_factory=_Model)
    story: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.management.clock.now()

    async def step(self) -> None:
        act = self.chance.choice(
            [self.apply, self.apply, self.approve, self.approve, self.approve, self.refuse, self.revoke, self.wait]
        )
        await act()

    async def apply(self) -> None:
        component = self.chance.choice([*COMPONENTS, None])
        body = {
            "app_code": self.app_code,
            "system": "cmdb",
            "components": None if component is None else [component],
            "days": self.chance.choice([180, 360, None]),
        }
        self.story.append(f"apply {component}")
        answer = await self.management.client.post("/v1/grants", json=body)
        assert answer.status_code == 201, answer.text
        (grant,) = answer.json()["items"]
        standing = self.model.standing(component, self.now)
        assert (grant["id"] in standing) == bool(standing), self.story
        self.model.grants.setdefault(grant["id"], _Grant(component))

    async def approve(self) -> None:
        body: dict[str, object] = {}
        ends: datetime | None = None
        kind = self.chance.choice(["seconds", "days", "never"])
        if kind == "seconds":
            ends = self.now + timedelta(seconds=self.chance.choice([0, 1, 5, 60]))
            body = {"expires_at": ends.isoformat()}
        elif kind == "days":
            ends = self.now + timedelta(days=180)
            body = {"days": 180}
        else:
            body = {"days": None}
        grant = await self._decide("approve", "applied", body)
        if grant is not None:
            grant.state, grant.ends = "approved", ends

    async def refuse(self) -> None:
        grant = await self._decide("refuse", "applied", {})
        if grant is not None:
            grant.state = "refused"

    async def revoke(self) -> None:
        grant = await self._decide("revoke", "approved", {"comment": "enough"})
        if grant is not None:
            grant.state = "revoked"

    async def wait(self) -> None:
        """Time passes; the sweep may or may not come by."""
        seconds = self.chance.choice([1, 5, 61, 86_400, 181 * 86_400])
        self.story.append(f"wait {seconds}")
        self.management.clock.advance(seconds=seconds)
        if self.chance.random() < 0.5:
            self.story.append("sweep")
            async with self.management.kernel.database.unit_of_work() as session:
                await self.management.unit.services.grants.expire_due(session)

    async def _decide(self, step: str, needed: str, body: dict[str, object]) -> _Grant | None:
        """The model's grant when the step was possible, and only then."""
        if not self.model.grants:
            return None
        grant_id = self.chance.choice(sorted(self.model.grants))
        grant = self.model.grants[grant_id]
        possible = grant.state_at(self.now) == needed
        self.story.append(f"{step} {grant.component} ({grant.state_at(self.now)}) {body}")
        answer = await self.management.client.post(f"/v1/grants/{grant_id}:{step}", json=body)
        assert (answer.status_code, answer.json().get("code")) == ((200, None) if possible else (409, "grant_state")), (
            self.story
        )
        if possible:
            assert answer.json()["live"] is True, self.story
        return grant if possible else None

    async def check(self) -> None:
        shard = self.management.holder.current.apps[self.app_code]
        for component in COMPONENTS:
            permitted = shard.may_call("cmdb", f"cmdb.{component}", self.now.timestamp())
            assert permitted == self.model.may_call(component, self.now), self.story

    async def check_list(self) -> None:
        """The page shows the same states."""
        answer = await self.management.client.get("/v1/grants", params={"app_code": self.app_code, "limit": 500})
        seen = {grant["id"]: grant["state"] for grant in answer.json()["items"]}
        assert seen == {name: grant.state_at(self.now) for name, grant in self.model.grants.items()}, self.story


async def _live(management: Management, seed: int, steps: int) -> None:
    life = _Life(management, f"app{seed}", random.Random(seed))  # noqa: S311  repeatable on purpose
    await management.app_with_secret(life.app_code)
    for _ in range(steps):
        await life.step()
        await life.check()
    await life.check_list()


async def test_the_data_plane_permits_what_the_model_says(management: Management) -> None:
    await management.import_system(document())
    for seed in range(8):
        await _live(management, seed, 25)


@pytest.mark.deep
async def test_the_data_plane_permits_what_the_model_says_in_a_thousand_lives(management: Management) -> None:
    await management.import_system(document())
    for seed in range(1000, 2000):
        await _live(management, seed, 25)
