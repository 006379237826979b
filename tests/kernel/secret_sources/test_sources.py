"""Secrets from the environment, from files and from a Vault-compatible server."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from kernel.secret_sources.errors import SecretUnavailable
from kernel.secret_sources.files import SecretFiles
from kernel.secret_sources.source import Environment, File, Reference, SecretSources, Vault
from kernel.secret_sources.vault import VaultReader

TOKEN = "hvs.the-token"
VERSION_2 = {"data": {"data": {"password": "hush", "port": 5432}, "metadata": {"version": 3}}}
ANSWERS: dict[str, Any] = {
    "/v1/secret/data/team/db": VERSION_2,
    "/v1/kv/team/db": {"data": {"password": "older hush", "data": "a field"}},
    "/v1/secret/data/list": ["no object"],
    "/v1/secret/data/none": {"data": None},
}


class VaultServer:
    """What a key-value engine answers, to whoever has the token and names the namespace."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.headers.get("x-vault-token") != TOKEN:
            return httpx.Response(403, json={"errors": ["permission denied"]})
        if request.url.path == "/v1/secret/data/long":
            return httpx.Response(200, content=b"x" * 300_000)
        if request.url.path == "/v1/secret/data/away":
            raise httpx.ConnectError("refused")
        if request.url.path == "/v1/secret/data/html":
            return httpx.Response(200, text="<html>")
        if request.url.path == "/v1/secret/data/deep":
            return httpx.Response(200, text="[" * 20_000)
        found = ANSWERS.get(request.url.path)
        return httpx.Response(200, json=found) if found is not None else httpx.Response(404, json={"errors": []})


@pytest.fixture
def vault() -> VaultServer:
    return VaultServer()


@pytest.fixture
def sources(tmp_path: Path, vault: VaultServer) -> SecretSources:
    reader = VaultReader("http://vault.test:8200/", SecretStr(TOKEN), "team-a", httpx.MockTransport(vault))
    return SecretSources(SecretFiles(tmp_path / "secrets"), reader)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "secrets"
    made.mkdir()
    return made


async def refusal(sources: SecretSources, reference: Reference) -> str:
    with pytest.raises(SecretUnavailable) as refused:
        await sources.read(reference)
    assert TOKEN not in str(refused.value)
    assert "hush" not in str(refused.value)
    return str(refused.value)


async def test_a_variable_is_read_only_under_the_prefix(
    sources: SecretSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUNKLINE_EXTERNAL_DB", "hush")
    monkeypatch.setenv("TRUNKLINE_SECRET_KEY", "hush")
    assert await sources.read(Environment("TRUNKLINE_EXTERNAL_DB")) == b"hush"
    assert "begins with" in await refusal(sources, Environment("TRUNKLINE_SECRET_KEY"))
    assert "no variable" in await refusal(sources, Environment("TRUNKLINE_EXTERNAL_OTHER"))


async def test_a_file_is_read_without_the_newline_at_its_end(sources: SecretSources, folder: Path) -> None:
    (folder / "db-password").write_bytes(b"hush\nhush\r\n")
    assert await sources.read(File("db-password")) == b"hush\nhush"


async def test_a_file_mounted_as_a_link_inside_the_folder_is_read(sources: SecretSources, folder: Path) -> None:
    (folder / "..data").mkdir()
    (folder / "..data" / "db").write_text("hush")
    (folder / "db").symlink_to("..data/db")
    assert await sources.read(File("db")) == b"hush"


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "", ".", "..", "a/b", "trunkline_secret_key", "a\0b"])
async def test_no_name_leads_out_of_the_folder_or_to_the_servers_own(
    sources: SecretSources, folder: Path, name: str
) -> None:
    (folder.parent / "outside").write_text("hush")
    (folder / "trunkline_secret_key").write_text("hush")
    assert "name of a file" in await refusal(sources, File(name))


async def test_a_link_out_of_the_folder_is_not_followed(sources: SecretSources, folder: Path) -> None:
    (folder.parent / "outside").write_text("hush")
    (folder / "link").symlink_to(folder.parent / "outside")
    assert "can't be read" in await refusal(sources, File("link"))


async def test_what_is_no_readable_secret_is_told(sources: SecretSources, folder: Path) -> None:
    (folder / "empty").write_text("\n")
    (folder / "long").write_bytes(b"x" * 16_001)
    (folder / "folder").mkdir()
    assert "empty" in await refusal(sources, File("empty"))
    assert "longer" in await refusal(sources, File("long"))
    assert "can't be read" in await refusal(sources, File("folder"))
    assert "can't be read" in await refusal(sources, File("missing"))
    assert "TRUNKLINE_SECRETS_DIR" in await refusal(
        SecretSources(SecretFiles(None), VaultReader("", SecretStr(""))), File("db")
    )


async def test_both_versions_of_vaults_key_value_engine_are_read(sources: SecretSources, vault: VaultServer) -> None:
    assert await sources.read(Vault("secret/data/team/db", "password")) == b"hush"
    assert await sources.read(Vault("kv/team/db", "password")) == b"older hush"
    assert {request.headers["x-vault-namespace"] for request in vault.requests} == {"team-a"}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("secret/data/other", "404"),
        ("secret/data/list", "holds no secret"),
        ("secret/data/none", "holds no secret"),
        ("secret/data/long", "too long"),
        ("secret/data/away", "can't be reached"),
        ("secret/data/html", "not JSON"),
        ("secret/data/deep", "not JSON"),
        ("secret/../sys/raw", "no path"),
        ("secret/data/x?list=true", "no path"),
        ("//evil.test/x", "no path"),
    ],
)
async def test_what_vault_cannot_give_is_told(sources: SecretSources, path: str, told: str) -> None:
    assert told in await refusal(sources, Vault(path, "password"))


async def test_a_field_must_be_there_and_be_text(sources: SecretSources) -> None:
    assert "no text in the field other" in await refusal(sources, Vault("secret/data/team/db", "other"))
    assert "no text in the field port" in await refusal(sources, Vault("secret/data/team/db", "port"))


async def test_a_token_that_does_not_hold_is_told_and_not_shown(vault: VaultServer) -> None:
    reader = VaultReader("http://vault.test", SecretStr("wrong"), transport=httpx.MockTransport(vault))
    with pytest.raises(SecretUnavailable, match="may not read it") as refused:
        await reader.read("secret/data/team/db", "password")
    assert "wrong" not in str(refused.value)
