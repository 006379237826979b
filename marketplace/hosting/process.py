"""One life of a plugin's process: started, asked how it does, ended."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from kernel.transport.origin import Origin
from kernel.transport.unix_socket import UnixSocket
from marketplace.hosting.bounded import AnswerTooLarge, Peer, ask
from marketplace.hosting.environment.folders import HostedFolder, SocketPath, listen
from marketplace.hosting.leftovers import end_group, remember_group
from marketplace.hosting.log import PluginLog
from marketplace.hosting.log_socket import LogSocket
from marketplace.hosting.outlet import Outlet
from marketplace.hosting.sandbox.cgroup_places import Cgroups
from marketplace.hosting.sandbox.cgroups import Group, make_group
from marketplace.hosting.sandbox.places import (
    CODE,
    DATA,
    VENV,
    machine_binds,
    machine_links,
    plugin_binds,
)
from marketplace.hosting.sandbox.spec import Bind, Spec, Walls
from marketplace.hosting.settings import HostingSettings

GATEWAY_PORT: Final = 8089
START_SECONDS: Final = 30.0
_END_SECONDS: Final = 10.0
_LAST_WORDS_SECONDS: Final = 1.0
_ASK: Final = Timeouts(connect=5.0, read=5.0, total=5.0)
_CALL: Final = Timeouts(read=95.0)
_ORIGIN: Final = Origin("http", "plugin", 80)
_PIECE: Final = 64 * 1024
_LONGEST_LINE: Final = 16 * 1024
_SHORT: Final = 1_000
_PAUSE: Final = 0.02
"""After each piece of output: who says too much waits, and nobody for him."""
_WAITING: Final = "/bk_plugin/waiting"
_LAUNCH: Final = ("-I", "-m", "marketplace.hosting.sandbox.launch")
_PASSED_ON: Final = ("LD_LIBRARY_PATH", "TZ")


NO_ANSWER: Final = (TransportError, AnswerTooLarge, ValueError, KeyError, TypeError, RecursionError)
"""What asking a plugin may raise."""


class NotStarted(Exception):
    """The process ended before it answered, or does not answer in time; the message says what is known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a process is started in.

    Attributes:
        layer: the kit's packages.
        user: whose process it becomes; None stays with the server's.
    cgroups: where its control group is made; None leaves it without one.
    """

    folder: HostedFolder
    layer: Path
    walls: Walls
    user: int | None
    cgroups: Cgroups | None = None


class HostedProcess:
    """Not for several tasks at once."""

    def __init__(self, standing: Standing, settings: HostingSettings, log: PluginLog) -> None:
        self._standing = standing
        self._settings = settings
        self._log = log
        self._log_socket = LogSocket(standing.folder.log_socket, log)
        self._outlet = Outlet(settings, standing.folder.plugin, GATEWAY_PORT)
        self._process: asyncio.subprocess.Process | None = None
        self._group: Group | None = None
        self._took_too_much = False
        self._reading: asyncio.Task[None] | None = None
        self._address = SocketPath(standing.folder.socket)
        self.peer = plugin_at(self._address.text)

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self._process.returncode if self._process is not None else None
        if code is None:
            return "it has not ended"
        if self._took_too_much:
            return "the kernel ended a process of it: it used more memory than a plugin may"
        if code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
        return f"it ended by itself with code {code}"

    async def start(self) -> None:
        """Returns when the plugin answers.

        Raises:
            NotStarted: see there. Nothing is left of it.
            OSError: there are no processes or descriptors left.
        """
        try:
            if self._standing.cgroups is not None:
                self._group = await asyncio.to_thread(self._group_of_its_own, self._standing.cgroups)
            await self._log_socket.open()
            await self._spawn()
            await self._until_it_answers()
        except BaseException:
            await self.stop(at_once=True)
            raise

    async def ended(self) -> None:
        """Returns when the process has ended."""
        if self._process is not None:
            await self._process.wait()

    async def waiting(self) -> int:
        """How many runs have not ended.

        Raises:
            NO_ANSWER: it gives no such answer.
        """
        answer = await ask(self.peer, "GET", _WAITING, most=_SHORT, timeouts=_ASK)
        return int(json.loads(answer.content)["waiting"])

    def kill(self) -> None:
        """Ends it at once; what goes on afterwards is up to whoever waits for the end."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, *, at_once: bool = False) -> None:
        """Asks it to end, and after a while ends it. With its first process all of a plugin's end."""
        process = self._process
        if process is not None and process.returncode is None:
            if not at_once:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), _END_SECONDS)
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # where there is no namespace, others may have outlived it
        await asyncio.to_thread(self._end_group)
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=_LAST_WORDS_SECONDS)
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self.peer.client.aclose()
        await self._log_socket.close()
        await self._outlet.close()
        self._address.close()

    def _group_of_its_own(self, cgroups: Cgroups) -> Group:
        folder = self._standing.folder
        group = make_group(cgroups, f"trunkline-plugin-{folder.socket.name}", self._settings.caps)
        remember_group(folder.groups, group)
        return group

    def _end_group(self) -> None:
        if self._group is not None:
            self._took_too_much = self._group.ran_out_of_memory()
            end_group(self._standing.folder.groups)
            self._group = None

    async def _spawn(self) -> None:
        theirs, ours = socket.socketpair()
        with theirs, ours, listen(self._standing.folder.socket) as listener:
            has_network = self._standing.walls is Walls.NAMESPACES
            spec = self._spec(listener.fileno(), theirs.fileno() if has_network else None)
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *_LAUNCH,
                spec.dump(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(listener.fileno(), theirs.fileno()),
                env=_passed_on(),
                cwd="/",
                start_new_session=True,
            )
            self._reading = asyncio.create_task(self._read(), name=f"log of {self._standing.folder.plugin}")
            theirs.close()
            if has_network:
                await self._outlet.open(await asyncio.to_thread(_received, ours))

    async def _until_it_answers(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + START_SECONDS
        while loop.time() < until:
            if not self.is_alive:
                raise NotStarted(f"its process can't be started: {self.ending}; its log tells more")
            asking = asyncio.ensure_future(self.waiting())
            ended = asyncio.ensure_future(self._process.wait()) if self._process is not None else asking
            await asyncio.wait({asking, ended}, return_when=asyncio.FIRST_COMPLETED)
            for left in {asking, ended}:
                left.cancel()
            found = (await asyncio.gather(asking, return_exceptions=True))[0]
            if isinstance(found, int):
                return
            await asyncio.sleep(0.05)
        raise NotStarted(f"its process gives no answer within {START_SECONDS:g} seconds")

    async def _read(self) -> None:
        stream = self._process.stdout if self._process is not None else None
        left = b""
        while stream is not None and (piece := await stream.read(_PIECE)):
            *lines, left = (left + piece).split(b"\n")
            if len(left) > _LONGEST_LINE:
                lines, left = [*lines, left], b""
            await asyncio.to_thread(self._log.write, *(line.decode(errors="replace") for line in lines))
            await asyncio.sleep(_PAUSE)
        if left:
            self._log.write(left.decode(errors="replace"))

    def _spec(self, listener: int, channel: int | None) -> Spec:
        standing, folder = self._standing, self._standing.folder
        apart = standing.walls is Walls.NAMESPACES
        code, venv, data = (CODE, VENV, DATA) if apart else (str(folder.code), str(folder.venv), str(folder.data))
        python = f"{venv}/bin/python"
        own = plugin_binds(folder, standing.layer)
        if not apart:
            own = [Bind(bind.source, bind.source, bind.writable) for bind in own]
        return Spec(
            walls=standing.walls,
            argv=[python, "-s", "-m", "trunkline_plugin", "serve", code, "--data", data, "--fd", str(listener)],
            env=self._environment(data, venv),
            cwd=data,
            limits=self._settings.limits,
            root=str(folder.root),
            user=standing.user,
            binds=[*machine_binds(), *own],
            links=machine_links(),
            channel=channel,
            gateway_port=GATEWAY_PORT,
            groups=self._group.entries if self._group is not None else [],
        )

    def _environment(self, data: str, venv: str) -> dict[str, str]:
        """All that the plugin sees of an environment: ours holds our secrets."""
        folder, proxy = self._standing.folder, f"http://127.0.0.1:{GATEWAY_PORT}"
        base = self._settings.callback_base.format(plugin=folder.plugin, release=folder.version)
        way_out = {"TRUNKLINE_GATEWAY_URL": proxy, "http_proxy": proxy, "HTTP_PROXY": proxy}
        return {
            "PATH": f"{venv}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": data,
            "TMPDIR": "/tmp" if self._standing.walls is Walls.NAMESPACES else data,  # noqa: S108  a root of its own
            "LANG": "C.UTF-8",
            "MALLOC_ARENA_MAX": "2",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "BKPAAS_ENVIRONMENT": "prod",
            "BKPAAS_APP_ID": folder.plugin,
            "TRUNKLINE_PLUGIN_CALLBACKS": base,
            "TRUNKLINE_PLUGIN_CALLERS": "headers",
            "TRUNKLINE_PLUGIN_RUN_LOGS": "true",
            "TRUNKLINE_PLUGIN_THREADS": "32",
            **_passed_on(),
            **(way_out if self._standing.walls is Walls.NAMESPACES else {}),
        }


def plugin_at(path: str) -> Peer:
    """The plugin that listens at a Unix socket."""
    return Peer(TransportClient(dialling=UnixSocket(path)), _ORIGIN, _CALL)


def _received(channel: socket.socket) -> socket.socket:
    channel.settimeout(START_SECONDS)
    try:
        _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    except TimeoutError as error:
        raise NotStarted("its network can't be made") from error
    if not descriptors:
        raise NotStarted("its process can't be started; its log tells more")
    return socket.socket(fileno=descriptors[0])


def _passed_on() -> dict[str, str]:
    environment: Mapping[str, str] = os.environ
    return {name: environment[name] for name in _PASSED_ON if name in environment}
