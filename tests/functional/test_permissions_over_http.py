"""Random lives of permissions on a real server: what calls are answered is what a plain model says."""

import json
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.backend import serving_backend
from tests.support.forking import Nursery
from tests.support.permission_model import WAITING, ModelGrant, PermissionModel
from tests.support.server import Api, ServerProcess, free_port, migrated

COMPONENTS = ("look", "list", "count")
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Store", "version": "1"},
    "paths": {f"/{name}": {"get": {"operationId": name}} for name in COMPONENTS},
}


@dataclass(slots=True)
class Life:
    """One app's; `story` tells what happened, for a failure."""

    url: str
    api: Api
    app: str
    secret: str
    chance: random.Random
    model: PermissionModel = field(default_factory=lambda: PermissionModel(set(COMPONENTS), {"admin"}))
    story: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def apply(self) -> None:
        names = self.chance.choice([["look"], ["list", "count"], None])
        body = {"app_code": self.app, "system": "store", "components": names, "days": 180}
        for grant in self.api.post("/grants", body)["items"]:
            wanted = ModelGrant(self.app, grant["application_id"], grant["component"], "admin", 180)
            self.model.grants.setdefault(grant["id"], wanted)

    def decide(self) -> None:
        waiting = [grant for grant in self.model.grants.values() if grant.at(self.now) in WAITING]
        if not waiting:
            return
        application = self.chance.choice(waiting).application
        found = self.model.waiting(application, WAITING, self.now)
        decision = self.chance.choice(["approve", "approve", "approve", "refuse"])
        body: dict[str, Any] = {"decision": decision, "comment": "so"}
        names = sorted(grant.component for grant in found.values() if grant.component is not None)
        part = names[:1] if len(names) > 1 and self.chance.random() < 0.5 and decision == "approve" else None
        ends = self.now + timedelta(seconds=1) if self.chance.random() < 0.3 else None
        body |= ({"components": part} if part else {}) | ({"expires_at": ends.isoformat()} if ends else {})
        self.api.until_live(self.api.post(f"/applications/{application}/decision", body))
        for grant in found.values():
            if decision == "refuse" or (part and grant.component not in part):
                grant.state = "refused"
            else:
                self.model.approve(grant, 180, self.now)
                grant.ends = ends or grant.ends

    def revoke(self) -> None:
        approved = [name for name, grant in self.model.grants.items() if grant.at(self.now) == "approved"]
        # One that ends this very moment may be over when the call arrives.
        lasting = [
            name for name in approved if (self.model.grants[name].ends or self.now) > self.now + timedelta(hours=1)
        ]
        if lasting:
            name = self.chance.choice(lasting)
            self.api.until_live(self.api.post(f"/grants/{name}:revoke", {"comment": "enough"}))
            self.model.grants[name].state = "revoked"

    def renew(self) -> None:
        names = [name for name in self.model.grants if self.model.renewable(name, self.now) == "file"]
        if names:
            name = self.chance.choice(names)
            (grant,) = self.api.post("/grants:renew", {"grant_ids": [name], "days": 180})["items"]
            old = self.model.grants[name]
            self.model.grants[grant["id"]] = ModelGrant(
                self.app, grant["application_id"], old.component, "admin", 180, renews=name
            )

    def switch(self) -> None:
        enabled = self.app in self.model.disabled
        self.api.until_live(self.api.patch(f"/apps/{self.app}", {"enabled": enabled}))
        self.model.disabled ^= {self.app}

    def wait(self) -> None:
        time.sleep(1.1)

    def step(self) -> None:
        acts = [self.apply, self.apply, self.decide, self.decide, self.decide, self.revoke, self.renew]
        act = self.chance.choice([*acts, self.switch, self.wait])
        self.story.append(act.__name__)
        act()

    def check(self) -> None:
        headers = {"X-Bkapi-Authorization": json.dumps({"bk_app_code": self.app, "bk_app_secret": self.secret})}
        for component in COMPONENTS:
            before = self.model.may_call(self.app, component, self.now)
            status = httpx.get(f"{self.url}/api/store/prod/{component}", headers=headers).status_code
            if before == self.model.may_call(self.app, component, self.now):  # no end came in between
                assert (status == httpx.codes.OK) == before, (self.story, component, status)
                assert status in {200, 400, 401, 403}


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path
) -> Iterator[ServerProcess]:
    data = migrated(tmp_path_factory.mktemp("permissions") / "data", sqlite_template)
    with serving_backend() as store:
        started = ServerProcess(data, free_port(), {"TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS": store.url}, nursery=nursery)
        started.start()
        try:
            order = {"document": DOCUMENT, "name": "store", "upstream_url": store.url, "signing": "none"}
            api = started.admin()
            api.until_live(api.post("/systems:import", order))
            api.close()
            yield started
        finally:
            assert started.stop() in {0, -signal.SIGTERM}


@pytest.mark.parametrize("seed", range(3))
def test_calls_are_answered_as_the_model_says(server: ServerProcess, seed: int) -> None:
    api = server.admin()
    app = f"app{seed}"
    secret = api.post("/apps", {"app_code": app, "name": app})["app_secret"]
    life = Life(server.url, api, app, secret, random.Random(seed))  # noqa: S311  repeatable on purpose
    for _ in range(30):
        life.step()
        life.check()
    api.close()
    assert {"apply", "decide", "revoke", "renew"} <= set(life.story)
