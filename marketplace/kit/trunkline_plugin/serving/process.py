"""The process that serves a plugin: its data folder, its secret, its server."""

import contextlib
import json
import logging
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from trunkline_plugin.project import Project, ProjectUnreadable, opened
from trunkline_plugin.serving.app import make_app
from trunkline_plugin.serving.logs import log_to_output
from trunkline_plugin.serving.reloading import Reloader
from trunkline_plugin.serving.store import Store
from trunkline_plugin.serving.trying import Lent
from trunkline_plugin.settings import use

_FOLDER, _DATA, _ADDRESS = "TRUNKLINE_PLUGIN_FOLDER", "TRUNKLINE_PLUGIN_DATA", "TRUNKLINE_PLUGIN_ADDRESS"
_LENT = "TRUNKLINE_PLUGIN_TRY_PAGE"
_END_WITHIN = 30
_APPLICATION: Final = "trunkline_plugin.serving.process:application"


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and where.

    Attributes:
        descriptor: of a Unix socket that listens already; then host and port say nothing.
        data: runs that wait stand in a file there; one process at a time has it.
        reload: begins anew when a file of the plugin's changes.
        lent: a page to try the plugin by.
    """

    folder: Path
    host: str
    port: int
    data: Path
    reload: bool = False
    descriptor: int | None = None
    lent: Lent | None = None


def serve(serving: Serving) -> None:
    """Serves until the process is told to end.

    Raises:
        ProjectUnreadable: the folder holds no plugin.
    """
    if not (serving.folder / "bk_plugin" / "versions").is_dir():
        raise ProjectUnreadable(f"{serving.folder} holds no bk_plugin/versions; begin with `trunkline plugin new`")
    os.environ[_FOLDER] = str(serving.folder.resolve())
    os.environ[_DATA] = str(serving.data.resolve())
    os.environ[_ADDRESS] = f"http://{serving.host}:{serving.port}"
    if serving.lent is not None:
        os.environ[_LENT] = json.dumps([str(serving.lent.page.resolve()), *serving.lent.form_command])
    options: dict[str, Any] = {
        "factory": True,
        "host": serving.host,
        "port": serving.port,
        "fd": serving.descriptor,
        "access_log": False,
        "timeout_graceful_shutdown": _END_WITHIN,
        "log_level": "info" if serving.reload else "warning",
    }
    if not serving.reload:
        uvicorn.run(_APPLICATION, **options)
        return
    config = uvicorn.Config(_APPLICATION, reload=True, reload_dirs=[str(serving.folder)], **options)
    Reloader(config, uvicorn.Server(config).run, [config.bind_socket()]).run()


def application() -> Starlette:
    """What the server asks for; what it opens is open until the process ends."""
    log = log_to_output()
    logging.basicConfig(level=logging.INFO, handlers=[log], force=True)
    data = Path(os.environ[_DATA])
    held = ExitStack()
    project = held.enter_context(_settled(Path(os.environ[_FOLDER]), data))
    store = held.enter_context(contextlib.closing(Store(data / "runs.sqlite3")))
    app = make_app(project, store, _lent())
    app.state.held = held
    return app


def _lent() -> Lent | None:
    if _LENT not in os.environ:
        return None
    page, *command = json.loads(os.environ[_LENT])
    return Lent(Path(page), tuple(command))


@contextlib.contextmanager
def _settled(folder: Path, data: Path) -> Iterator[Project]:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(data), opened(folder) as project:
        told = project.settings
        settings = replace(
            told,
            app_code=told.app_code or folder.name,
            app_secret=told.app_secret or _own_secret(data),
            callback_base=told.callback_base or f"{os.environ[_ADDRESS]}/bk_plugin",
        )
        use(settings)
        yield replace(project, settings=settings)


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Two processes would both poll the same runs."""
    if sys.platform == "win32":
        yield
        return
    import fcntl  # noqa: PLC0415  not on Windows

    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            problem = f"Another process serves with {data}"
            raise ProjectUnreadable(f"{problem}; end it, or choose another with --data") from error
        yield


def _own_secret(data: Path) -> str:
    """Made once; callbacks are signed with it."""
    path = data / "secret"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8").strip()
