"""What the first start makes so that nobody has to invent a secret."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from kernel.settings import Settings

FILE_NAME = "secrets.env"


def kept_settings(settings: Settings) -> Settings:
    """The settings with the secrets that an earlier start made; writes nothing, and leaves empty what is missing."""
    kept = _read(settings.data_dir / FILE_NAME)
    return settings.model_copy(
        update={
            "secret_key": settings.secret_key or SecretStr(kept.get("TRUNKLINE_SECRET_KEY", "")),
            "admin_password": settings.admin_password or SecretStr(kept.get("TRUNKLINE_ADMIN_PASSWORD", "")),
        }
    )


def complete_settings(settings: Settings) -> tuple[Settings, bool]:
    """Fills in missing secrets from the data directory's file, writing it (mode 600) when something is new.

    Returns:
        The completed settings, and whether the file was written by this call.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.data_dir / FILE_NAME
    kept = _read(path)
    wanted = {
        "TRUNKLINE_SECRET_KEY": settings.secret_key.get_secret_value(),
        "TRUNKLINE_ADMIN_PASSWORD": settings.admin_password.get_secret_value(),
    }
    made = {
        "TRUNKLINE_SECRET_KEY": lambda: secrets.token_hex(32),
        "TRUNKLINE_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(15),
    }
    values = {name: given or kept.get(name) or made[name]() for name, given in wanted.items()}
    missing = {name: values[name] for name, given in wanted.items() if not given and name not in kept}
    if missing:
        _write(path, kept | missing)
    completed = settings.model_copy(
        update={
            "secret_key": SecretStr(values["TRUNKLINE_SECRET_KEY"]),
            "admin_password": SecretStr(values["TRUNKLINE_ADMIN_PASSWORD"]),
        }
    )
    return completed, bool(missing)


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
