"""Starts plugins when they are called, and has their processes called through to.

Any process of the server may be asked for any plugin. Of those on one machine that one runs it which has the lock of
its folder; of several machines that one which has the lease in the database.
"""

import asyncio
import contextlib
import time
from typing import Any, Final

import structlog
from sqlalchemy.exc import IntegrityError

from kernel.clock import Clock
from kernel.db.database import Database
from marketplace.hosting.bounded import Peer
from marketplace.hosting.environment.folders import HostedFolder
from marketplace.hosting.environment.kit_layer import kit_layer
from marketplace.hosting.environment.preparing import Preparer, PreparingFailed
from marketplace.hosting.environment.users import user_of
from marketplace.hosting.errors import HostedPluginUnknown, PluginAway, PluginFailed
from marketplace.hosting.hosted import GIVEN_UP_SECONDS, Hosted
from marketplace.hosting.isolation import Isolation, find_isolation
from marketplace.hosting.leftovers import end_group, end_groups_of_nobody, end_leftovers, remember
from marketplace.hosting.log import PluginLog
from marketplace.hosting.machine import machine_of
from marketplace.hosting.models import HostedPlugin, HostedState
from marketplace.hosting.process import NO_ANSWER, START_SECONDS, HostedProcess, NotStarted, Standing
from marketplace.hosting.repository import find_hosted, take_lease, tell
from marketplace.hosting.sandbox.spec import Walls
from marketplace.hosting.settings import HostingSettings
from marketplace.versions.repository import archive_of_version, find_version

_LOOK_SECONDS: Final = 0.05
_MOST_DETAIL: Final = 2_000
_log = structlog.get_logger()


class Supervisor:
    """Attributes:
    machine: this machine's name, once `start` was called.
    """

    def __init__(self, database: Database, clock: Clock, settings: HostingSettings) -> None:
        self.database = database
        self.clock = clock
        self.settings = settings
        self.machine = ""
        self.isolation: Isolation | None = None
        self.hosted: dict[tuple[str, str], Hosted] = {}
        self._isolation_turn = asyncio.Lock()
        self._watching: set[asyncio.Task[None]] = set()
        self._ending = False

    async def start(self) -> None:
        self.machine = await asyncio.to_thread(machine_of, self.settings.base)
        await asyncio.to_thread(end_groups_of_nobody, self.settings.base)

    async def stop(self) -> None:
        """Ends all processes that this one owns; those who wait for a start are told that it is away."""
        self._ending = True
        await asyncio.gather(*(self.end(hosted, HostedState.IDLE) for hosted in self.hosted.values()))
        for hosted in self.hosted.values():
            await hosted.forget_other()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)

    async def reach(self, plugin: str, version: str) -> Peer:
        """Speaks to the plugin's process, which is started if it doesn't run.

        Raises:
            HostedPluginUnknown: no such version was published.
            PluginAway: not now, but perhaps soon.
            PluginFailed: not before somebody does something.
        """
        hosted = await self.know(plugin, version)
        hosted.used()
        process = hosted.process
        if process is not None and process.is_alive:
            return process.peer
        async with hosted.turn:
            return await self._found_or_started(hosted)

    async def know(self, plugin: str, version: str, *, takes_up: bool = True) -> Hosted:
        """The plugin as this process sees it.

        Args:
            takes_up: one that isn't hosted yet is from now on.

        Raises:
            HostedPluginUnknown: it isn't hosted, or no such version was published.
        """
        known = self.hosted.get((plugin, version))
        if known is not None:
            return known
        async with self.database.reading() as session:
            row = await find_hosted(session, plugin, version)
        if row is None and takes_up:
            row = await self._take_up(plugin, version)
        if row is None:
            raise HostedPluginUnknown(f"No version {version} of {plugin} is hosted here")
        folder = HostedFolder(self.settings.base, plugin, version, row.digest)
        known = Hosted(row.id, folder, PluginLog(folder.log), restarts=row.restarts, waiting=row.waiting)
        return self.hosted.setdefault((plugin, version), known)

    async def _take_up(self, plugin: str, version: str) -> HostedPlugin | None:
        with contextlib.suppress(IntegrityError):  # another process was faster
            async with self.database.unit_of_work() as session:
                published = await find_version(session, plugin, version)
                if published is None:
                    return None
                now = self.clock.now()
                session.add(
                    HostedPlugin(
                        plugin=plugin, version=version, digest=published.digest, created_at=now, updated_at=now
                    )
                )
        async with self.database.reading() as session:
            return await find_hosted(session, plugin, version)

    async def end(self, hosted: Hosted, state: HostedState, detail: str = "") -> None:
        """Ends the process in good order, where this process of the server owns it.

        That it is stopped was written by the operator, who may have had it started again meanwhile.
        """
        async with hosted.turn:
            process, hosted.process = hosted.process, None
            if process is not None:
                hosted.folder.ending.touch()
                with contextlib.suppress(*NO_ANSWER):
                    hosted.waiting = await process.waiting()
                await process.stop()
                hosted.log.write(f"-- ended: {detail or state.value}")
                said = {} if state is HostedState.STOPPED else {"state": state.value, "detail": detail}
                await self.tell(hosted, **said, pid=0, memory=0, waiting=hosted.waiting)
            hosted.disown()

    async def tell(self, hosted: Hosted, **values: Any) -> None:
        """Writes what has changed; while the database is away the plugin goes on.

        A state is always written: another process of the server may have written one since it was read last.
        """
        changed = {name: value for name, value in values.items() if hosted.told.get(name) != value}
        if "state" in values:
            changed = values
        elif not changed:
            return
        try:
            async with self.database.unit_of_work() as session:
                await tell(session, hosted.id, {**changed, "updated_at": self.clock.now()})
            hosted.told |= changed
        except Exception as error:  # noqa: BLE001  what is told is for people; the plugin must not depend on it
            _log.warning("hosted_plugin_untold", plugin=hosted.folder.plugin, reason=str(error))

    async def find_isolation(self) -> Isolation:
        async with self._isolation_turn:
            if self.isolation is None:
                self.isolation = await asyncio.to_thread(find_isolation)
            return self.isolation

    async def _found_or_started(self, hosted: Hosted) -> Peer:
        if hosted.process is not None and hosted.process.is_alive:
            return hosted.process.peer
        until = time.monotonic() + START_SECONDS
        while not hosted.try_to_own():
            other = await hosted.other()
            if other is not None:
                return other
            if self._ending:
                raise PluginAway("This server is ending")
            if time.monotonic() > until:
                raise PluginAway(f"{_name(hosted)} is being prepared or started by another process of this server")
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            process = await self._started(hosted)
        except BaseException:
            hosted.disown()
            raise
        return process.peer

    async def _started(self, hosted: Hosted) -> HostedProcess:
        if self._ending:
            raise PluginAway("This server is ending")
        archive = await self._allowed(hosted)
        try:
            standing = await self._prepared(hosted, archive)
        except (PreparingFailed, OSError) as error:
            await self._fail(hosted, str(error))
            raise PluginFailed(f"{_name(hosted)} can't be run: {error}") from error
        process = HostedProcess(standing, self.settings, hosted.log)
        began = time.monotonic()
        hosted.log.write("-- starting")
        hosted.folder.ending.unlink(missing_ok=True)
        try:
            await process.start()
        except (NotStarted, OSError) as error:
            pause = hosted.pauses.ended(0, time.monotonic())
            hosted.remember()
            hosted.restarts += 1
            given_up = hosted.pauses.is_given_up
            state = HostedState.FAILED if given_up else HostedState.BACKING_OFF
            await self.tell(hosted, state=state.value, detail=str(error), pid=0, restarts=hosted.restarts)
            raise self._refusal(hosted, str(error), pause) from error
        hosted.process, hosted.started, hosted.misses = process, time.monotonic(), 0
        hosted.start_seconds = hosted.started - began
        await asyncio.to_thread(remember, hosted.folder.place / "process", process.pid)
        await self.tell(
            hosted,
            state=HostedState.RUNNING.value,
            detail="",
            pid=process.pid,
            started_at=self.clock.now(),
            start_seconds=round(hosted.start_seconds, 3),
            restarts=hosted.restarts,
        )
        watching = asyncio.create_task(self._watch(hosted, process), name=f"watch {_name(hosted)}")
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        return process

    async def _allowed(self, hosted: Hosted) -> bytes:
        """The package, if it may be started now and here."""
        hosted.recall()
        pause = hosted.pauses.left(time.monotonic())
        if pause and hosted.failure:
            raise PluginFailed(f"{_name(hosted)} can't be run: {hosted.failure}")
        hosted.failure = ""
        if pause:
            raise self._refusal(hosted, "its process has ended by itself again and again", pause)
        isolation = await self.find_isolation()
        if isolation.walls is Walls.NONE and not self.settings.relaxed:
            await self._fail(hosted, "this machine can't keep plugins apart")
            raise PluginFailed(
                f"{_name(hosted)} isn't run: this machine can't keep plugins apart; `trunkline doctor` tells why"
            )
        async with self.database.unit_of_work() as session:
            row = await find_hosted(session, hosted.folder.plugin, hosted.folder.version)
            if row is None:
                raise PluginAway(f"{_name(hosted)} has just been removed")
            hosted.read(row)
            if row.is_stopped:
                raise PluginFailed(
                    f"{_name(hosted)} was stopped by an operator; he can start it on the page of hosted plugins"
                )
            if not await take_lease(session, hosted.id, self.machine, self.clock.now()):
                raise PluginAway(f"{_name(hosted)} is run by {row.machine}")
            return await archive_of_version(session, hosted.folder.plugin, hosted.folder.version)

    async def _prepared(self, hosted: Hosted, archive: bytes) -> Standing:
        folder, isolation = hosted.folder, await self.find_isolation()
        if not folder.ready.is_file():
            await self.tell(hosted, state=HostedState.PREPARING.value, detail="")
        await asyncio.to_thread(end_leftovers, folder.place / "process")
        await asyncio.to_thread(end_group, folder.groups)
        await asyncio.to_thread(Preparer(self.settings.wheels).prepare, folder, archive)
        layer = await asyncio.to_thread(kit_layer, folder.base)
        user = await asyncio.to_thread(user_of, folder) if isolation.own_user else None
        return Standing(folder, layer, isolation.walls, user, isolation.cgroups)

    async def _watch(self, hosted: Hosted, process: HostedProcess) -> None:
        """Waits for the process to end; one that should not have is started again after a pause."""
        await process.ended()
        if hosted.process is not process:
            return
        async with hosted.turn:
            if hosted.process is not process:
                return
            hosted.process = None
            await process.stop(at_once=True)
            why = hosted.ended_because or process.ending
            hosted.ended_because = ""
            pause = hosted.pauses.ended(time.monotonic() - hosted.started, time.monotonic())
            hosted.remember()
            hosted.restarts += 1
            hosted.log.write(f"-- {why}; starting again in {pause:g} seconds")
            _log.warning("hosted_plugin_ended", plugin=hosted.folder.plugin, version=hosted.folder.version, why=why)
            state = HostedState.FAILED if hosted.pauses.is_given_up else HostedState.BACKING_OFF
            await self.tell(hosted, state=state.value, detail=why, pid=0, memory=0, restarts=hosted.restarts)
            hosted.disown()
        if self._ending or hosted.pauses.is_given_up:
            return
        await asyncio.sleep(pause)
        if hosted.waiting or hosted.idle_for() < self.settings.idle_seconds:
            with contextlib.suppress(PluginAway, PluginFailed, HostedPluginUnknown):
                await self.reach(hosted.folder.plugin, hosted.folder.version)

    async def _fail(self, hosted: Hosted, reason: str) -> None:
        hosted.failure, hosted.pauses.until = reason[:_MOST_DETAIL], time.monotonic() + GIVEN_UP_SECONDS
        hosted.log.write(f"-- can't be run: {reason}")
        await self.tell(hosted, state=HostedState.FAILED.value, detail=hosted.failure, pid=0)

    def _refusal(self, hosted: Hosted, why: str, pause: float) -> PluginAway | PluginFailed:
        if hosted.pauses.is_given_up:
            return PluginFailed(f"{_name(hosted)} can't be run: {why}; it was tried {hosted.pauses.endings} times")
        return PluginAway(f"{_name(hosted)}: {why}; it is started again in {pause:.0f} seconds")


def _name(hosted: Hosted) -> str:
    return f"{hosted.folder.plugin} {hosted.folder.version}"
