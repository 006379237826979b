"""Secrets of systems under names, wherever they come from."""

from pathlib import Path

import httpx
import pytest

from gateway.snapshot.model.routes import Signing
from kernel.contracts.authorizer import Resource, ResourceKind
from kernel.principal import system_principal
from kernel.settings import Settings
from tests.support.management import Management, document

SECRETS = "/v1/systems/cmdb/secrets"
SIGNING = "/v1/systems/cmdb/stages/prod/signing"
BASIC = {"profile": "basic", "username": "trunkline", "secret_name": "password"}
VARIABLE = "TRUNKLINE_EXTERNAL_PASSWORD"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(
        update={"allowed_upstream_origins": ("http://127.0.0.1:9099",), "secrets_dir": tmp_path / "mounted"}
    )


def served(management: Management) -> Signing:
    return management.holder.current.systems["cmdb"].stages["prod"].settings.signing


async def put(management: Management, name: str = "password", **body: str) -> httpx.Response:
    return await management.client.put(f"{SECRETS}/{name}", json={"source": "stored"} | body)


async def refresh(management: Management) -> None:
    await management.pass_time(seconds=61)
    await management.unit.services.secret_refresher.refresh()
    await management.unit.services.live.wait_live(await management.unit.services.live.revision())


async def test_a_stage_signs_with_the_secret_it_names_and_follows_its_change(management: Management) -> None:
    await management.import_system(document())
    assert (await put(management, value="hush 1")).status_code == 200
    assert (await management.client.put(SIGNING, json=BASIC)).json()["signing"]["has_secret"] is True
    assert served(management).secret == b"hush 1"
    changed = (await put(management, value="hush 2")).json()
    assert (changed["live"], changed["secret"]["used_by"]) == (True, ["prod"])
    assert served(management).secret == b"hush 2"
    shown = (await management.client.get(SIGNING)).json()
    assert shown["parameters"] == {"username": "trunkline", "secret_name": "password"}
    listed = await management.client.get(SECRETS)
    (secret,) = listed.json()["items"]
    assert (secret["name"], secret["source"], secret["reference"]) == ("password", "stored", {})
    audit = [(row.action, row.after) for row in await management.audit("system", "cmdb")]
    assert audit.count(("secret.kept", {"name": "password", "source": "stored"})) == 2
    exported = await management.client.get("/v1/systems/cmdb/export")
    assert "hush" not in listed.text + str(changed) + str(audit) + exported.text + repr(served(management))


async def test_a_system_as_files_names_its_secret_and_is_applied_as_it_is(management: Management) -> None:
    await management.import_system(document())
    await put(management, value="hush")
    await management.client.put(SIGNING, json=BASIC)
    exported = (await management.client.get("/v1/systems/cmdb/export")).json()
    assert "'secret_name': 'password'" in str(exported)
    await management.client.put(SIGNING, json={"profile": "none"})
    applied = await management.client.post("/v1/systems/cmdb:apply", json=exported)
    assert applied.status_code == 200, applied.text
    assert served(management).secret == b"hush"


async def test_a_secret_in_use_is_not_removed(management: Management) -> None:
    await management.import_system(document())
    await put(management, value="hush")
    await management.client.put(SIGNING, json=BASIC)
    refused = await management.client.delete(f"{SECRETS}/password")
    assert (refused.status_code, "prod" in refused.json()["detail"]) == (409, True)
    await management.client.put(SIGNING, json={"profile": "none"})
    assert (await management.client.delete(f"{SECRETS}/password")).status_code == 204
    assert (await management.client.get(SECRETS)).json()["items"] == []
    assert (await management.client.delete(f"{SECRETS}/password")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (BASIC, "secret_name"),
        (BASIC | {"secret_name": "BAD"}, "basic.secret_name"),
        (BASIC | {"secret_name": "hosts", "password": "x"}, "secret_name"),
        ({"profile": "bearer", "secret_name": "hosts"}, "secret_name"),
        ({"profile": "basic", "username": "a"}, "password"),
    ],
)
async def test_a_name_that_leads_to_no_usable_secret_is_refused(
    management: Management, body: dict[str, str], field: str
) -> None:
    await management.import_system(document())
    await put(management, "hosts", value="two words")
    refused = await management.client.put(SIGNING, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text
    assert served(management).profile == "http-message-signature"


async def test_a_value_that_a_stage_cannot_send_is_refused_and_the_old_one_stays(management: Management) -> None:
    await management.import_system(document())
    await put(management, "token", value="good")
    await management.client.put(SIGNING, json={"profile": "bearer", "secret_name": "token"})
    refused = await put(management, "token", value="two words")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "value")
    assert served(management).secret == b"good"


async def test_a_secret_of_another_system_is_none(management: Management) -> None:
    await management.import_system(document())
    await management.import_system(document(), "other")
    await management.client.put("/v1/systems/other/secrets/password", json={"source": "stored", "value": "hush"})
    refused = await management.client.put(SIGNING, json=BASIC)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "secret_name")


async def test_only_who_manages_the_system_sees_and_keeps_its_secrets(management: Management) -> None:
    await management.import_system(document())
    stranger = await management.person("stranger")
    for answer in (
        await stranger.get(SECRETS),
        await stranger.put(f"{SECRETS}/password", json={"source": "stored", "value": "x"}),
        await stranger.delete(f"{SECRETS}/password"),
    ):
        assert answer.status_code == 403
    assert (await management.client.get(SECRETS)).json()["items"] == []


async def test_outside_sources_are_an_administrators_to_name(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "hush")
    owner = await management.person("owner")
    await management.import_system(document())
    async with management.kernel.database.unit_of_work() as session:
        system = Resource(ResourceKind.SYSTEM, "cmdb")
        await management.unit.authorizer.bind_role(session, system_principal("test"), "owner", "owner", system)
    assert (await owner.put(f"{SECRETS}/mine", json={"source": "stored", "value": "x"})).status_code == 200
    body = {"source": "environment", "variable": VARIABLE}
    assert (await owner.put(f"{SECRETS}/password", json=body)).status_code == 403
    assert (await put(management, **body)).status_code == 200


async def test_a_variable_is_followed_and_an_absent_one_leaves_the_last_secret_in_use(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    await management.import_system(document())
    monkeypatch.setenv(VARIABLE, "hush 1")
    assert (await put(management, source="environment", variable=VARIABLE)).status_code == 200
    await management.client.put(SIGNING, json=BASIC)
    assert served(management).secret == b"hush 1"
    monkeypatch.setenv(VARIABLE, "hush 2")
    await refresh(management)
    assert served(management).secret == b"hush 2"
    assert [row.action for row in await management.audit("system", "cmdb")][-1] == "secret.refreshed"
    monkeypatch.delenv(VARIABLE)
    await refresh(management)
    assert served(management).secret == b"hush 2"
    (secret,) = (await management.client.get(SECRETS)).json()["items"]
    assert f"no variable {VARIABLE}" in secret["problem"]
    monkeypatch.setenv(VARIABLE, "hush 2")
    await refresh(management)
    assert (await management.client.get(SECRETS)).json()["items"][0]["problem"] is None


async def test_a_file_whose_new_content_cannot_be_sent_is_not_taken(management: Management, settings: Settings) -> None:
    assert settings.secrets_dir is not None
    settings.secrets_dir.mkdir()
    file = settings.secrets_dir / "cmdb-token"
    file.write_text("good\n")
    await management.import_system(document())
    assert (await put(management, "token", source="file", file="cmdb-token")).status_code == 200
    await management.client.put(SIGNING, json={"profile": "bearer", "secret_name": "token"})
    file.write_text("two words\n")
    await refresh(management)
    assert served(management).secret == b"good"
    (secret,) = (await management.client.get(SECRETS)).json()["items"]
    assert "source" in secret["problem"]
    file.write_bytes(b"\xff\xfe")
    await refresh(management)
    assert served(management).secret == b"good"


@pytest.mark.parametrize(
    "body",
    [
        {"source": "environment", "variable": "PATH"},
        {"source": "environment", "variable": "TRUNKLINE_SECRET_KEY"},
        {"source": "environment", "variable": "TRUNKLINE_EXTERNAL_MISSING"},
        {"source": "file", "file": "../secrets.env"},
        {"source": "file", "file": "missing"},
        {"source": "vault", "path": "secret/data/db", "field": "password"},
        {"source": "rot13"},
        {"source": "stored", "value": ""},
        {"source": "stored", "value": "x", "variable": "y"},
    ],
)
async def test_a_source_that_gives_nothing_is_refused_and_nothing_kept(
    management: Management, body: dict[str, str]
) -> None:
    await management.import_system(document())
    refused = await put(management, **body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"]
    assert (await management.client.get(SECRETS)).json()["items"] == []
