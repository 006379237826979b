"""A plugin in Python that is hosted: it runs, waits, fails, crashes, and tries what it may not."""

from pathlib import Path

import yaml

from marketplace.authoring.folder import open_package
from tests.support.served_plugin import write_project

VERSION = """
class Inputs(InputsModel):
    how: str = Field(title="How")
    secret: str = Field("", title="Secret")
    places: list = Field([], title="Files and folders of the server")
    ports: list = Field([], title="Ports of the machine")

class Outputs(OutputsModel):
    steps: list
    who: str
    report: dict

class ContextInputs(ContextRequire):
    executor: str = ""
    plugin_callback_info: Optional[PluginCallbackModel]

async def execute(self, inputs, context):
    import os, time
    log = logging.getLogger("bk_plugin")
    log.info("%s says password=%s", inputs.how, inputs.secret or "hunter22")
    context.outputs["who"] = context.data.executor
    context.outputs.setdefault("steps", []).append(context.state.name)
    if inputs.how == "error":
        raise self.Error("it was told to fail")
    if inputs.how == "busy":
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass
    if inputs.how == "crash":
        os._exit(3)
    if inputs.how == "poll" and context.invoke_count < 3:
        self.wait_poll(0.2)
    if inputs.how == "patient" and context.invoke_count < 2:
        self.wait_poll(4)
    if inputs.how == "long":
        self.wait_poll(600)
    if inputs.how == "callback" and context.state is State.EMPTY:
        context.outputs["url"] = self.prepare_callback(context).url
        self.wait_callback()
    if inputs.how == "attack":
        from bk_plugin.attacks import attack
        context.outputs["report"] = await asyncio.to_thread(attack, inputs.places, inputs.ports)

async def cancel(self, inputs, context):
    assert context.outputs["steps"] == ["EMPTY"]
"""

ATTACKS = '''
import ctypes
import os
import signal
import socket
import time
import urllib.error
import urllib.request


def attack(places, ports):
    """What it got, by what it tried; nothing where it was refused."""
    return {
        "read": [place for place in places if _reads(place)],
        "wrote": [place for place in ("/usr/x", "/plugin/code/x", "/x", "/etc/x") if _writes(place)],
        "own_write": _writes("own"),
        "connected": [port for port in ports if _connects("127.0.0.1", port)],
        "internet": _connects("192.0.2.1", 80),
        "udp": _sends(),
        "root": os.geteuid() == 0,
        "user": os.geteuid(),
        "secrets": sorted(name for name in os.environ if name.startswith("TRUNKLINE_") and "PLUGIN" not in name),
        "unshared": ctypes.CDLL(None).unshare(0x10000000) == 0,
        "sees": _sees(),
        "memory": _takes(2 * 1024**3),
        "children": _forks(400),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "management": _asks("/v1/users"),
        "component": _asks("/api/nothing/prod/x"),
    }


def _reads(place):
    try:
        if os.path.isdir(place):
            return bool(os.listdir(place))
        with open(place, "rb") as file:
            return bool(file.read(1))
    except OSError:
        return False


def _writes(place):
    try:
        with open(place, "w") as file:
            file.write("x")
    except OSError:
        return False
    return True


def _connects(host, port):
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _sends():
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(b"x", ("192.0.2.1", 53))
    except OSError:
        return False
    return True


def _sees():
    """Processes it can tell of that are not its own."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    return [int(name) for name in names if name.isdecimal() and int(name) not in (1, os.getpid())]


def _takes(size):
    try:
        held = bytearray(size)
    except MemoryError:
        return 0
    return len(held)


def _forks(most):
    children = []
    try:
        for _ in range(most):
            child = os.fork()
            if child == 0:
                time.sleep(30)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def _asks(path):
    base = os.environ.get("TRUNKLINE_GATEWAY_URL")
    if base is None:
        return None
    try:
        with urllib.request.urlopen(base + path, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
'''

CHOICES = """
from trunkline_plugin.data_api import PluginAPIView, Response, path

class Choices(PluginAPIView):
    def post(self, request, kind):
        return Response({"kind": kind, "who": request.user.username, "asked": request.data})

urlpatterns = [path("choices/<str:kind>/", Choices.as_view())]
"""


def hosted_package(folder: Path, code: str = "greet", requirements: str = "trunkline-plugin\n", **files: str) -> bytes:
    """The package as it is uploaded."""
    write_project(folder, VERSION, attacks=ATTACKS, apis__urls=CHOICES, **files)
    manifest = {
        "code": code,
        "version": "1.0.0",
        "kind": "python",
        "publisher": "acme",
        "name": {"en": "Greet", "zh": "问候"},
        "description": {"en": "Greets.", "zh": "问候。"},
    }
    (folder / "plugin.yaml").write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    (folder / "README.md").write_text("# Greet\n", encoding="utf-8")
    (folder / "CHANGELOG.md").write_text("## 1.0.0\n- First.\n", encoding="utf-8")
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    return open_package(folder).archive
