import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from kernel.first_start import complete_settings
from kernel.ids import new_id
from kernel.logging import redact
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.settings import Settings

KEY, OLD_KEY = "aa" * 32, "bb" * 32


@given(st.binary(max_size=200), st.text(max_size=20))
def test_a_sealed_secret_opens_again_for_its_purpose(secret: bytes, purpose: str) -> None:
    box = SecretBox(KEY)
    assert box.open(box.seal(secret, purpose), purpose) == secret


def test_a_sealed_secret_does_not_open_for_another_purpose() -> None:
    box = SecretBox(KEY)
    with pytest.raises(SecretUnreadable, match="another purpose"):
        box.open(box.seal(b"x", "app:a"), "app:b")


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=1, max_value=255))
def test_an_altered_secret_does_not_open(position: int, change: int) -> None:
    box = SecretBox(KEY)
    sealed = bytearray(box.seal(b"the secret", "p").encode())
    position %= len(sealed) - 2
    sealed[position] = (sealed[position] ^ change) & 0x7F
    text = sealed.decode()
    try:
        opened = box.open(text, "p")
    except SecretUnreadable:
        return
    assert opened == b"the secret"
    assert change & 0x7F == 0


def test_what_an_older_key_sealed_opens_while_that_key_is_configured() -> None:
    sealed = SecretBox(OLD_KEY).seal(b"x", "p")
    assert SecretBox(KEY, [OLD_KEY]).open(sealed, "p") == b"x"
    with pytest.raises(SecretUnreadable):
        SecretBox(KEY).open(sealed, "p")


def test_the_first_start_writes_missing_secrets_for_the_owner_only(tmp_path: Path) -> None:
    completed, written = complete_settings(Settings(data_dir=tmp_path / "data"))
    file = tmp_path / "data" / "secrets.env"
    assert written
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(completed.secret_key.get_secret_value()) == 64
    again, written_again = complete_settings(Settings(data_dir=tmp_path / "data"))
    assert not written_again
    assert again.secret_key == completed.secret_key
    assert again.admin_password == completed.admin_password


def test_a_configured_secret_is_used_and_not_written_down(tmp_path: Path) -> None:
    given_settings = Settings(data_dir=tmp_path, secret_key=SecretStr(KEY), admin_password=SecretStr("chosen-password"))
    completed, written = complete_settings(given_settings)
    assert not written
    assert completed.admin_password.get_secret_value() == "chosen-password"
    assert not (tmp_path / "secrets.env").exists()


def test_settings_never_show_a_secret() -> None:
    assert KEY not in repr(Settings(secret_key=SecretStr(KEY), smtp_password=SecretStr(KEY)))


def test_log_values_named_like_credentials_are_blanked() -> None:
    event = {"event": "x", "app_secret": "1", "Authorization": "2", "access_token": "3", "path": "/a"}
    assert redact(None, "info", event) == {
        "event": "x",
        "app_secret": "[redacted]",
        "Authorization": "[redacted]",
        "access_token": "[redacted]",
        "path": "/a",
    }


def test_ids_are_version_7_uuids_in_order_of_their_making() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(len(made) == 32 and made[12] == "7" and made[16] in "89ab" for made in ids)
    times = [made[:12] for made in ids]
    assert times == sorted(times)
