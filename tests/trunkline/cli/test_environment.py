"""Wrong settings: told by the name of the variable, before anything is written or served."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from trunkline.cli import app
from trunkline.cli.environment import environment_settings

_WRONG = [
    ("JOB_NETWORKS", "10.0.0.0/8,nonsense", "'nonsense' is no network; write it like 10.0.0.0/8"),
    ("JOB_NETWORKS", "10.1.2.3/8", "'10.1.2.3/8' names a host in a network; write 10.0.0.0/8 for all of it"),
    ("JOB_LOCAL_HOSTS", "own,localhost", "'localhost' is no address of a machine"),
    ("JOB_LOCAL_FILES_MIB", "plenty", "is no whole number"),
    ("TRUSTED_PROXIES", "10.0.0.0/8", "'10.0.0.0/8' is no address of a machine"),
    ("ALLOWED_UPSTREAM_ORIGINS", "inside:8080", "'inside:8080' is no web address"),
    ("HTTP_REQUEST_ORIGINS", "*,inside", "'inside' is no web address"),
    ("PUBLIC_URL", "trunkline.example.com", "'trunkline.example.com' is no web address"),
    ("VAULT_URL", "vault", "'vault' is no web address"),
    ("DATABASE_URL", "mysql://root:secret@host/x", "is no address of a database we speak to"),
    ("REDIS_URL", "http://127.0.0.1:6379", "is no address of a Redis"),
    ("LOG_LEVEL", "loud", "'loud' is no level; write DEBUG, INFO"),
    ("DNS_SERVERS", "nonsense", "'nonsense' is no resolver; write it like 9.9.9.9 or 127.0.0.1:5353"),
    ("SIGNING_ALGORITHM", "RS256", "ES256"),
]


@pytest.mark.parametrize(("name", "value", "told"), _WRONG)
def test_a_wrong_setting_is_told_by_its_name_and_nothing_is_begun(
    name: str, value: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path / "data"))
    # Without one the command settles it in the environment, where it would stay.
    monkeypatch.setenv("TRUNKLINE_PUBLIC_URL", "https://trunkline.example.com")
    monkeypatch.setenv(f"TRUNKLINE_{name}", value)
    answer = CliRunner().invoke(app, ["serve"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert answer.exit_code == 2
    assert answer.output.startswith(f"TRUNKLINE_{name}: ")
    assert told in answer.output
    assert "secret@" not in answer.output
    assert not (tmp_path / "data").exists()


def test_what_may_be_written_in_several_ways_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "JOB_NETWORKS": "10.0.0.0/8, 192.168.4.7,fd00::/8",
        "JOB_LOCAL_HOSTS": "own,127.0.0.1",
        "HTTP_REQUEST_ORIGINS": "*,http://inside:8080",
        "LOG_LEVEL": "debug",
        "GATEWAY_URL": "",
        "DATABASE_URL": "postgresql+asyncpg://trunkline@db/trunkline",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"TRUNKLINE_{name}", value)
    settings = environment_settings()
    assert settings.job_networks == ("10.0.0.0/8", "192.168.4.7", "fd00::/8")
    assert settings.job_local_hosts == ("own", "127.0.0.1")
