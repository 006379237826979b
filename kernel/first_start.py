"""What the first start makes so that nobody has to invent a secret."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from kernel.errors import Conflict
from kernel.settings import Settings

FILE_NAME = "secrets.env"
SECRET_KEY = "TRUNKLINE_SECRET_KEY"  # noqa: S105  the name of a setting
ADMIN_PASSWORD = "TRUNKLINE_ADMIN_PASSWORD"  # noqa: S105  the name of a setting
PREVIOUS_SECRET_KEYS = "TRUNKLINE_PREVIOUS_SECRET_KEYS"  # noqa: S105  the name of a setting


def kept_settings(settings: Settings) -> Settings:
    """The settings with the secrets that an earlier start made; writes nothing, and leaves empty what is missing."""
    return _completed(settings, _read(settings.data_dir / FILE_NAME))


def complete_settings(settings: Settings) -> tuple[Settings, bool]:
    """Fills in missing secrets from the data directory's file, writing it (mode 600) when something is new.

    Returns:
        The completed settings, and whether the file was written by this call.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.data_dir / FILE_NAME
    kept = _read(path)
    new = {SECRET_KEY: secrets.token_hex(32), ADMIN_PASSWORD: secrets.token_urlsafe(15)}
    given = {SECRET_KEY: settings.secret_key, ADMIN_PASSWORD: settings.admin_password}
    missing = {name: value for name, value in new.items() if not given[name] and not kept.get(name)}
    if missing:
        _write(path, kept | missing)
    return _completed(settings, kept | missing), bool(missing)


def renew_secret_key(settings: Settings) -> Settings:
    """Writes a new root key into the data directory's file; the one before goes on opening what it sealed.

    Raises:
        Conflict: the root key does not come from that file.
    """
    path = settings.data_dir / FILE_NAME
    kept = _read(path)
    if settings.secret_key.get_secret_value() or not kept.get(SECRET_KEY):
        raise Conflict(
            f"The root key does not come from {path}. Where it is set, put a new one (32 random bytes in hex) as "
            f"{SECRET_KEY}, the present one first in {PREVIOUS_SECRET_KEYS}, and start every process again"
        )
    previous = [kept[SECRET_KEY], *_listed(kept)]
    changed = kept | {SECRET_KEY: secrets.token_hex(32), PREVIOUS_SECRET_KEYS: ",".join(previous)}
    _write(path, changed)
    return _completed(settings, changed)


def forget_secret_keys(settings: Settings) -> int:
    """Takes the previous root keys out of the data directory's file; answers how many there were."""
    path = settings.data_dir / FILE_NAME
    kept = _read(path)
    previous = _listed(kept)
    if previous:
        _write(path, {name: value for name, value in kept.items() if name != PREVIOUS_SECRET_KEYS})
    return len(previous)


def _completed(settings: Settings, kept: dict[str, str]) -> Settings:
    return settings.model_copy(
        update={
            "secret_key": settings.secret_key or SecretStr(kept.get(SECRET_KEY, "")),
            "admin_password": settings.admin_password or SecretStr(kept.get(ADMIN_PASSWORD, "")),
            "previous_secret_keys": settings.previous_secret_keys or tuple(SecretStr(key) for key in _listed(kept)),
        }
    )


def _listed(kept: dict[str, str]) -> list[str]:
    return [key for key in kept.get(PREVIOUS_SECRET_KEYS, "").split(",") if key]


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _write(path: Path, values: dict[str, str]) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in sorted(values.items()))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
