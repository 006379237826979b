"""A plugin's project, served in this process or in one of its own."""

import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from joserfc.jwk import RSAKey

from tests.support.patience import eventually
from trunkline_plugin.project import opened
from trunkline_plugin.serving.app import make_app
from trunkline_plugin.serving.store import Store
from trunkline_plugin.serving.trying import Lent

SAMPLE = Path(__file__).parents[1] / "marketplace/kit/sample_project"
_VERSION = """\
import asyncio
import logging
import time
from typing import Any, Optional

from trunkline_plugin import (
    Context, ContextRequire, Field, FormModel, InputsModel, OutputsModel, Plugin, PluginCallbackModel, State,
)


class Version(Plugin):
    class Meta:
        version = "{number}"
        desc = "of a test"
        enable_plugin_callback = True

"""


def environment(gateway_key: RSAKey, **changes: str) -> dict[str, str]:
    """What the platform tells the sample."""
    return {
        "BKPAAS_APP_ID": "sample_plugin",
        "BKPAAS_APP_SECRET": "sample-secret",
        "BK_API_URL_TMPL": "http://gw.example/{api_name}",
        "BKPAAS_BK_PLUGIN_APIGW_NAME": "bp-sample",
        "APIGW_PUBLIC_KEY": gateway_key.as_pem(private=False).decode(),
    } | changes


def write_project(folder: Path, body: str, number: str = "1.0.0", **files: str) -> Path:
    """A project with one version whose class has this body; other files by path, with `__` for `/`."""
    package = folder / "bk_plugin"
    (package / "versions").mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    (package / "versions/__init__.py").touch()
    text = _VERSION.replace("{number}", number) + textwrap.indent(textwrap.dedent(body), "    ")
    (package / f"versions/v{number.replace('.', '_')}.py").write_text(text, encoding="utf-8")
    for name, content in files.items():
        path = package / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(path.suffix or ".py").write_text(textwrap.dedent(content), encoding="utf-8")
    return folder


@asynccontextmanager
async def served(
    data: Path,
    environ: Mapping[str, str],
    folder: Path = SAMPLE,
    headers: Mapping[str, str] | None = None,
    lent: Lent | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """Serves it; entered again with the same `data`, it takes up what was left."""
    store = Store(data / "runs.sqlite3")
    with opened(folder, environ) as project:
        app = make_app(project, store, lent)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://plugin", headers=headers) as client,
        ):
            yield client
    store.close()


@contextmanager
def plugin_process(folder: Path, port: int, **environ: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Serves it on loopback; kills the process at the end, as a crash would."""
    command = [sys.executable, "-m", "trunkline_plugin", "serve", str(folder), "--port", str(port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, env={**os.environ, **environ})
    try:
        eventually(lambda: httpx.get(f"http://127.0.0.1:{port}/bk_plugin/meta/").is_success)
        yield process
    finally:
        process.kill()
        process.wait()
