"""Secrets of projects under names: who keeps them, and who gets to know what."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from gateway.identity.project_secrets.models import ProjectSecret
from kernel.secret_sources.errors import SecretUnavailable
from kernel.settings import Settings
from tests.support.management import Management

VARIABLE = "TRUNKLINE_EXTERNAL_DEPLOY"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"secrets_dir": tmp_path / "mounted"})


async def project(management: Management, code: str = "ops") -> str:
    made = await management.client.post("/v1/projects", json={"code": code, "name": code})
    assert made.status_code == 201, made.text
    identifier: str = made.json()["id"]
    return identifier


async def put(client: httpx.AsyncClient, name: str = "deploy", code: str = "ops", **body: str) -> httpx.Response:
    return await client.put(f"/v1/projects/{code}/secrets/{name}", json={"source": "stored"} | body)


async def opened(management: Management, identifier: str, *names: str) -> dict[str, str]:
    return await management.unit.project_secrets.open(identifier, names)


async def test_a_secret_is_kept_and_changed_and_never_shown(management: Management) -> None:
    identifier = await project(management)
    kept = await put(management.client, value="hush 1")
    assert (kept.status_code, kept.json()["source"]) == (200, "stored"), kept.text
    assert await opened(management, identifier, "deploy") == {"deploy": "hush 1"}
    changed = await put(management.client, value="hush 2")
    assert await opened(management, identifier, "deploy") == {"deploy": "hush 2"}
    listed = await management.client.get("/v1/projects/ops/secrets")
    assert [each["name"] for each in listed.json()["items"]] == ["deploy"]
    audit = await management.audit("project", identifier)
    told = [(row.action, row.before, row.after) for row in audit if row.action.startswith("secret.")]
    plain = {"name": "deploy", "source": "stored"}
    assert told == [("secret.kept", None, plain), ("secret.kept", plain, plain)]
    async with management.kernel.database.reading() as session:
        row = (await session.execute(select(ProjectSecret))).scalar_one()
    assert "hush" not in kept.text + changed.text + listed.text + str(told) + repr(row)


async def test_a_removed_secret_is_gone(management: Management) -> None:
    identifier = await project(management)
    await put(management.client, value="hush")
    assert (await management.client.delete("/v1/projects/ops/secrets/deploy")).status_code == 204
    assert await opened(management, identifier, "deploy") == {}
    assert (await management.client.delete("/v1/projects/ops/secrets/deploy")).status_code == 404


async def test_another_projects_secret_is_none_by_whatever_name(management: Management) -> None:
    red, _ = await project(management, "red"), await project(management, "blue")
    await put(management.client, code="blue", value="hush")
    assert await opened(management, red, "deploy", "blue/deploy", "../blue/secrets/deploy", "%") == {}


async def test_a_secret_moved_to_another_project_does_not_open(management: Management) -> None:
    red, _ = await project(management, "red"), await project(management, "blue")
    await put(management.client, code="blue", value="hush")
    async with management.kernel.database.unit_of_work() as session:
        await session.execute(update(ProjectSecret).values(project_id=red))
    with pytest.raises(SecretUnavailable, match="another purpose"):
        await opened(management, red, "deploy")


async def test_an_outside_secret_is_read_whenever_it_is_used(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = await project(management)
    monkeypatch.setenv(VARIABLE, "hush 1")
    kept = await put(management.client, source="environment", variable=VARIABLE)
    assert kept.json()["reference"] == {"variable": VARIABLE}
    assert await opened(management, identifier, "deploy") == {"deploy": "hush 1"}
    monkeypatch.setenv(VARIABLE, "hush 2")
    assert await opened(management, identifier, "deploy") == {"deploy": "hush 2"}
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(SecretUnavailable, match=f"deploy: .* no variable {VARIABLE}"):
        await opened(management, identifier, "deploy")
    async with management.kernel.database.reading() as session:
        assert (await session.execute(select(col(ProjectSecret.sealed)))).scalar_one() is None


async def test_who_installs_plugins_keeps_secrets_and_who_edits_flows_sees_their_names(management: Management) -> None:
    await project(management)
    await put(management.client, value="hush")
    expected = {"maintainer": (200, 200), "developer": (200, 403), "operator": (403, 403), "auditor": (403, 403)}
    for role, answers in expected.items():
        person = await management.person(role)
        await management.client.put(f"/v1/projects/ops/members/{role}", json={"roles": [role]})
        seen = await person.get("/v1/projects/ops/secrets")
        kept = await put(person, role, value="x")
        assert (seen.status_code, kept.status_code) == answers, role
        removed = await person.delete(f"/v1/projects/ops/secrets/{role}")
        assert removed.status_code == (204 if kept.is_success else 403), role
    items = (await management.client.get("/v1/projects/ops/secrets")).json()["items"]
    assert [each["name"] for each in items] == ["deploy"]


async def test_outside_sources_are_an_administrators_to_name(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "hush")
    owner = await management.person("owner")
    await owner.post("/v1/projects", json={"code": "ops", "name": "Operations"})
    assert (await put(owner, value="x")).status_code == 200
    assert (await put(owner, source="environment", variable=VARIABLE)).status_code == 403
    assert (await put(management.client, source="environment", variable=VARIABLE)).status_code == 200


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("deploy", {"source": "environment", "variable": "PATH"}, "environment.variable"),
        ("deploy", {"source": "environment", "variable": "TRUNKLINE_EXTERNAL_MISSING"}, "source"),
        ("deploy", {"source": "file", "file": "missing"}, "source"),
        ("deploy", {"source": "stored", "value": ""}, "stored.value"),
        ("Deploy", {"source": "stored", "value": "x"}, "name"),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_its_field(
    management: Management, name: str, body: dict[str, str], field: str
) -> None:
    await project(management)
    refused = await put(management.client, name, **body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text
    assert (await management.client.get("/v1/projects/ops/secrets")).json()["items"] == []


async def test_a_project_keeps_so_many_and_no_more(management: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.identity.project_secrets.service.MOST_SECRETS", 1)
    await project(management)
    assert (await put(management.client, value="x")).status_code == 200
    assert (await put(management.client, "more", value="x")).status_code == 409
    assert (await put(management.client, value="y")).status_code == 200
