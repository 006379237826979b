"""Whatever a system is: what is exported and applied elsewhere is the same, and applied again changes nothing."""

import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kernel.clock import ManualClock
from kernel.db.database import Database
from kernel.services import KernelServices
from tests.gateway.registry.manifest.test_manifest import applied, exported
from tests.support.management import UPSTREAM, Management, managing

TARGETS = ("http://127.0.0.1:9099/a", "http://127.0.0.1:9099/b")
POLICIES = (
    {"kind": "ip-restriction", "config": {"allow": ["10.0.0.0/8"]}},
    {"kind": "body-limit", "config": {"max_bytes": 1000}},
)


def some(dice: random.Random, chances: dict[str, Any]) -> dict[str, Any]:
    """About half of the members."""
    return {name: value for name, value in chances.items() if dice.random() < 0.5}


def component(dice: random.Random, number: int) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"a": {"type": dice.choice(["string", "integer"])}}}
    return {
        "name": f"c{number}",
        "method": dice.choice(["GET", "POST", "ANY"]),
        "path": f"/c{number}/{{id}}",
        **some(
            dice,
            {
                "title": f"Component {dice.randrange(9)}",
                "scopes": ["cmdb:read", "cmdb:all"],
                "body_schema": schema,
                "response_schema": schema,
                "upstream_path": "/{env.area}/x/{id}",
                "timeout": dice.randrange(1, 9) / 2,
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "array"}, "explode": False}],
                "mapping": [{"to": {"in": "header", "name": "x-a"}, "from": {"constant": "b"}}],
                "user_required": True,
                "labels": ["one", "two"],
                "texts": {"zh": {"title": "组件", "doc": "# 文档"}},
                "mock": {"status": 200, "headers": {}, "body": "{}"},
            },
        ),
    }


def stage(dice: random.Random, name: str, releases: list[str]) -> dict[str, Any]:
    other, own = dice.sample(releases, 2) if len(releases) > 1 else (None, releases[0])
    extra = {
        "other": {"targets": [{"url": url, "weight": dice.randrange(1, 5)} for url in TARGETS[:1]], "timeout": 3.5}
    }
    return {
        "name": name,
        "release": own,
        "variables": {"area": f"area{dice.randrange(3)}"},
        "upstreams": {
            "default": {"targets": [{"url": UPSTREAM}], **some(dice, {"timeout": 9.0, "balance": "least-connections"})}
        }
        | (extra if dice.random() < 0.5 else {}),
        **some(
            dice,
            {
                "envelope": True,
                "validate_requests": False,
                "signing": dice.choice([{"profile": "none"}, {"profile": "jwt", "issuer": "me"}, {"profile": "jwt"}]),
                "policies": dice.sample(POLICIES, dice.randrange(3)),
                **({"canary": {"release": other, "share": dice.randrange(101), "apps": ["shop"]}} if other else {}),
            },
        ),
    }


def system(dice: random.Random, version: int) -> dict[str, Any]:
    """The `version`-th state of a system: a new release of its components, and stages that serve it or older ones."""
    releases = [f"{number}.0.0" for number in range(1, version + 1)]
    names = ["prod", *dice.sample(["test", "beta"], dice.randrange(3))]
    stages = [stage(dice, name, releases) for name in names]
    stages[0]["release"] = releases[-1]
    if (stages[0].get("canary") or {}).get("release") == releases[-1]:
        del stages[0]["canary"]
    return {
        "name": "cmdb",
        "title": f"Title {version}",
        "components": [component(dice, number) for number in sorted(dice.sample(range(6), dice.randrange(1, 5)))]
        + [{"name": f"only{version}", "method": "GET", "path": f"/only{version}"}],
        "stages": stages,
        **some(dice, {"description": "About it\n", "aliases": ["cc"], "policies": dice.sample(POLICIES, 1)}),
    }


@asynccontextmanager
async def elsewhere(
    kernel: KernelServices, clock: ManualClock, template: Path, folder: Path
) -> AsyncIterator[Management]:
    shutil.copy(template, folder / "elsewhere.db")
    database = Database(f"sqlite+aiosqlite:///{folder / 'elsewhere.db'}")
    async with managing(KernelServices(kernel.settings, database, kernel.secrets, clock), clock) as running:
        yield running
    await database.close()


@pytest.mark.parametrize("seed", range(6))
async def test_export_and_apply_are_each_others_undoing(
    management: Management, clock: ManualClock, sqlite_template: Path, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  what is drawn is a test's input
    for version in range(1, 4):
        wanted = system(dice, version)
        assert await applied(management, wanted)
        assert await applied(management, wanted) == []
        written = await exported(management)
        assert await applied(management, written) == []
    async with elsewhere(management.kernel, clock, sqlite_template, tmp_path) as other:
        await applied(other, written)
        assert await exported(other) == written
        assert await applied(other, written) == []
        ours, theirs = (each.holder.current.systems["cmdb"] for each in (management, other))
        assert _served(ours.to_document()) == _served(theirs.to_document())


def _served(document: Any) -> Any:
    """What the data plane is told, without keys, without what a trial drew by lot, and without upstreams, which may say
    in full what is usual.
    """
    if isinstance(document, dict):
        return {
            name: _served(value)
            for name, value in document.items()
            if not name.endswith(("secret", "salt", "upstreams"))
        }
    return [_served(value) for value in document] if isinstance(document, list) else document
