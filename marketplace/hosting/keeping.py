"""The turn every process of the server takes every second: plugins are brought to where they should be."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from typing import Final

import structlog

from kernel.contracts.own_systems import OwnSystems
from kernel.errors import TrunklineError
from kernel.looks import when_changed
from marketplace.hosting.hosted import Hosted
from marketplace.hosting.measuring import Processes, Usage, all_processes, folder_size, usage_of
from marketplace.hosting.models import HostedPlugin, HostedState
from marketplace.hosting.process import NO_ANSWER
from marketplace.hosting.repository import (
    all_hosted,
    forget_hosted,
    installed_digests,
    installed_versions,
    renew_leases,
)
from marketplace.hosting.supervisor import Supervisor
from marketplace.hosting.system_document import system_document
from marketplace.package.manifest import HOSTED_SYSTEM, PluginKind
from marketplace.versions.manifests import ManifestCache

TURN_SECONDS: Final = 1.0
_HEALTH_SECONDS: Final = 10.0
_TELL_SECONDS: Final = 5.0
_LEASE_SECONDS: Final = 15.0
_DISK_SECONDS: Final = 30.0
_MISSES: Final = 3
_KEPT_SECONDS: Final = 86_400.0
"""How long the data of a plugin is kept that no project has installed any more."""
_MEGABYTE: Final = 1024 * 1024
_TAKEN_UP: Final = frozenset({HostedState.PREPARING.value, HostedState.RUNNING.value})
_log = structlog.get_logger()


class Keeper:
    def __init__(self, supervisor: Supervisor, manifests: ManifestCache, systems: OwnSystems) -> None:
        self._supervisor = supervisor
        self._manifests = manifests
        self._systems = systems
        self._is_registered = False
        self._is_python: dict[str, tuple[str, str] | None] = {}
        self._starting: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._processes: Processes | None = None
        self._next: dict[str, float] = {}
        self._look = when_changed(supervisor.database, self._turn)

    async def turn(self) -> bool:
        """What runs here is looked after every time; otherwise a turn is for what has changed."""
        return await (self._turn() if self._supervisor.hosted else self._look())

    async def _turn(self) -> bool:
        supervisor, self._processes = self._supervisor, None
        async with supervisor.database.reading() as session:
            digests = await installed_digests(session)
            if any(digest not in self._is_python for digest in digests):
                for version in await installed_versions(session):
                    kind = self._manifests.manifest_of(version).kind
                    key = (version.plugin_code, version.version) if kind is PluginKind.PYTHON else None
                    self._is_python[version.digest] = key
            rows = {(row.plugin, row.version): row for row in await all_hosted(session)}
        wanted = {key for digest in digests if (key := self._is_python.get(digest)) is not None}
        if wanted:
            await self._register()
        for key in wanted - rows.keys():
            self._begin(key)
        for key, row in rows.items():
            await self._keep(key, row, is_wanted=key in wanted)
        await self._renew(list(rows.values()))
        return False

    async def stop(self) -> None:
        for task in self._starting.values():
            task.cancel()
        await asyncio.gather(*self._starting.values(), return_exceptions=True)

    async def _register(self) -> None:
        if self._is_registered:
            return
        try:
            await self._systems.keep(HOSTED_SYSTEM, self._supervisor.settings.address, system_document())
        except TrunklineError as error:
            _log.error("hosted_plugins_unregistered", reason=error.detail)
            return
        self._is_registered = True

    async def _keep(self, key: tuple[str, str], row: HostedPlugin, *, is_wanted: bool) -> None:
        hosted = self._supervisor.hosted.get(key)
        if hosted is not None:
            hosted.read(row)
            await self._obey(hosted, row)
        if not is_wanted:
            await self._let_go(key, row)
        elif row.is_stopped:
            if hosted is not None and hosted.process is not None:
                await self._supervisor.end(hosted, HostedState.STOPPED, "by an operator")
        elif hosted is not None and hosted.process is not None:
            if row.machine != self._supervisor.machine:
                await self._supervisor.end(hosted, HostedState.IDLE, f"{row.machine} has it now")
            else:
                await self._look_after(hosted)
        elif row.machine in (None, self._supervisor.machine):
            await self._take_up(key, row)

    async def _obey(self, hosted: Hosted, row: HostedPlugin) -> None:
        """A restart was asked for since this process looked last."""
        if row.restart_at is None or hosted.obeyed == row.restart_at:
            return
        first, hosted.obeyed = hosted.obeyed is None, row.restart_at
        hosted.forgive()
        if hosted.process is not None and (not first or row.started_at is None or row.restart_at > row.started_at):
            await self._supervisor.end(hosted, HostedState.PREPARING, "to be started again")

    async def _take_up(self, key: tuple[str, str], row: HostedPlugin) -> None:
        """What is new is started, so is what has runs that wait, or may have: it ran when its server ended."""
        known = self._supervisor.hosted.get(key)
        if known is not None and known.is_held_back(time.monotonic()):
            return
        if not row.waiting and row.state not in _TAKEN_UP:
            return
        hosted = await self._supervisor.know(*key)
        if hosted.is_free():  # else a process of this server runs or prepares it
            self._begin(key)

    def _begin(self, key: tuple[str, str]) -> None:
        if key not in self._starting:
            task = asyncio.create_task(self._started(key), name=f"start {key[0]} {key[1]}")
            self._starting[key] = task
            task.add_done_callback(lambda _: self._starting.pop(key, None))

    async def _started(self, key: tuple[str, str]) -> None:
        try:
            await self._supervisor.reach(*key)
        except (TrunklineError, OSError) as error:
            _log.warning("hosted_plugin_not_started", plugin=key[0], version=key[1], reason=str(error))

    async def _look_after(self, hosted: Hosted) -> None:
        process = hosted.process
        if process is None or not process.is_alive:
            return
        settings = self._supervisor.settings
        usage = await self._usage(process.pid)
        if usage.memory > settings.memory:
            self._kill(hosted, f"it used {usage.memory // _MEGABYTE} MiB of memory, more than a plugin may")
            return
        if self._is_due(f"disk {hosted.id}", _DISK_SECONDS):
            size = await asyncio.to_thread(folder_size, hosted.folder.data)
            if size > settings.disk:
                self._kill(hosted, f"its files take {size // _MEGABYTE} MiB, more than a plugin's may")
                return
        is_idle = not hosted.waiting and hosted.idle_for() > settings.idle_seconds
        if is_idle or self._is_due(f"health {hosted.id}", _HEALTH_SECONDS):
            await self._ask(hosted)
        if self._is_due(f"tell {hosted.id}", _TELL_SECONDS):
            await self._supervisor.tell(
                hosted, waiting=hosted.waiting, memory=usage.memory, cpu_seconds=round(usage.cpu_seconds, 1)
            )
        if is_idle and not hosted.waiting and hosted.process is not None and not hosted.misses:
            await self._supervisor.end(hosted, HostedState.IDLE, "nobody has called it for a while")

    async def _usage(self, pid: int) -> Usage:
        """From one look at the machine's processes for all plugins of a turn."""
        if self._processes is None:
            self._processes = await asyncio.to_thread(all_processes)
        return usage_of(pid, self._processes, self._supervisor.settings.memory)

    async def _ask(self, hosted: Hosted) -> None:
        process = hosted.process
        if process is None:
            return
        try:
            hosted.waiting = await process.waiting()
            hosted.misses = 0
        except NO_ANSWER:
            hosted.misses += 1
            if hosted.misses >= _MISSES:
                self._kill(hosted, "it has given no answer for a while")

    def _kill(self, hosted: Hosted, why: str) -> None:
        """It is started again as after any other end."""
        hosted.ended_because = why
        if hosted.process is not None:
            hosted.process.kill()

    async def _let_go(self, key: tuple[str, str], row: HostedPlugin) -> None:
        """No project has it any more: it ends, and after a day its data goes."""
        hosted = self._supervisor.hosted.get(key)
        if hosted is not None and hosted.process is not None:
            await self._supervisor.end(hosted, HostedState.IDLE, "no project has it installed")
        if row.machine != self._supervisor.machine:
            return
        hosted = await self._supervisor.know(*key)
        if hosted.idle_for() < _KEPT_SECONDS or not hosted.try_to_own():
            return
        await asyncio.to_thread(shutil.rmtree, hosted.folder.place, ignore_errors=True)
        hosted.disown()
        self._supervisor.hosted.pop(key, None)
        async with self._supervisor.database.unit_of_work() as session:
            await forget_hosted(session, row.id)

    async def _renew(self, rows: Sequence[HostedPlugin]) -> None:
        machine = self._supervisor.machine
        if any(row.machine == machine for row in rows) and self._is_due("lease", _LEASE_SECONDS):
            async with self._supervisor.database.unit_of_work(quiet=True) as session:
                await renew_leases(session, machine, self._supervisor.clock.now())

    def _is_due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if self._next.get(what, 0.0) > now:
            return False
        self._next[what] = now + seconds
        return True
