import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from kernel.errors import Conflict
from kernel.first_start import complete_settings, forget_secret_keys, kept_settings, renew_secret_key
from kernel.ids import new_id
from kernel.logging import redact
from kernel.secrets import SecretBox, SecretUnreadable, root_of
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


def test_a_new_root_key_takes_over_what_the_old_one_sealed_without_opening_it() -> None:
    sealed = SecretBox(OLD_KEY).seal(b"x", "p")
    box = SecretBox(KEY, [OLD_KEY])
    anew = box.rewrap(sealed)
    assert anew is not None
    assert SecretBox(KEY).open(anew, "p") == b"x"
    assert anew.rsplit(".", 1)[1] == sealed.rsplit(".", 1)[1]
    assert box.rewrap(anew) is None
    assert (root_of(sealed), root_of(anew)) == (SecretBox(OLD_KEY).root, box.root)
    with pytest.raises(SecretUnreadable, match=SecretBox(OLD_KEY).root):
        SecretBox(KEY).rewrap(sealed)


@given(st.text(max_size=60))
def test_other_text_is_no_sealed_secret(text: str) -> None:
    with pytest.raises(SecretUnreadable):
        SecretBox(KEY).open(text, "p")


def test_data_keys_are_renewed_every_day_and_old_ones_go_on_opening() -> None:
    now = 0.0
    box = SecretBox(KEY, seconds=lambda: now)
    first, second = box.seal(b"1", "p"), box.seal(b"2", "p")
    now = 24 * 3600.0
    third = box.seal(b"3", "p")
    keys = [sealed.split(".")[2] for sealed in (first, second, third)]
    assert keys[0] == keys[1] != keys[2]
    assert [box.open(sealed, "p") for sealed in (first, second, third)] == [b"1", b"2", b"3"]


def test_a_new_root_key_is_written_beside_the_one_before(tmp_path: Path) -> None:
    first, _ = complete_settings(Settings(data_dir=tmp_path))
    renewed = renew_secret_key(Settings(data_dir=tmp_path))
    again, written = complete_settings(Settings(data_dir=tmp_path))
    assert not written
    assert again == renewed
    assert again.secret_key != first.secret_key
    assert again.previous_secret_keys == (first.secret_key,)
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    assert forget_secret_keys(again) == 1
    assert kept_settings(Settings(data_dir=tmp_path)).previous_secret_keys == ()


def test_a_root_key_from_elsewhere_is_not_renewed_here(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="TRUNKLINE_PREVIOUS_SECRET_KEYS"):
        renew_secret_key(Settings(data_dir=tmp_path, secret_key=SecretStr(KEY)))
    assert list(tmp_path.iterdir()) == []


def test_settings_are_read_from_the_folder_of_secrets_where_the_environment_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trunkline_secret_key").write_text(KEY)
    (tmp_path / "trunkline_admin_password").write_text("from the file")
    monkeypatch.setenv("TRUNKLINE_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("TRUNKLINE_ADMIN_PASSWORD", "from the environment")
    read = Settings()
    assert read.secret_key.get_secret_value() == KEY
    assert read.admin_password.get_secret_value() == "from the environment"


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
