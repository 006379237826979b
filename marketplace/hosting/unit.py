"""What hosts plugins, as the marketplace is wired."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from kernel.background import Repeating
from kernel.contracts.own_systems import OwnSystems
from kernel.contracts.system_keys import SystemKeys
from kernel.services import KernelServices
from marketplace.hosting.door import HostedDoor
from marketplace.hosting.keeping import TURN_SECONDS, Keeper
from marketplace.hosting.settings import hosting_settings
from marketplace.hosting.supervisor import Supervisor
from marketplace.installs.installed_versions import InstalledVersions
from marketplace.versions.manifests import ManifestCache


@dataclass(frozen=True, slots=True)
class HostingNeeds:
    """What other units give to the process that hosts plugins."""

    keys: SystemKeys
    systems: OwnSystems


class Hosting:
    """Args:
    needs: None in a process that hosts nothing.

    Attributes:
        app: to be mounted below `/systems`; None where nothing is hosted.
    """

    def __init__(
        self, kernel: KernelServices, installed: InstalledVersions, manifests: ManifestCache, needs: HostingNeeds | None
    ) -> None:
        self.supervisor = Supervisor(kernel.database, kernel.clock, hosting_settings(kernel.settings))
        self.app: ASGIApp | None = None
        self._keeper: Keeper | None = None
        if needs is not None and kernel.settings.plugin_hosting:
            door = HostedDoor(self.supervisor, installed)
            self.app = door.app(kernel.database, needs.keys, kernel.clock, kernel.settings.max_body_bytes)
            self._keeper = Keeper(self.supervisor, manifests, needs.systems)
            self._turns = Repeating("plugin hosting", TURN_SECONDS, self._keeper.turn)

    @property
    def hosts(self) -> bool:
        return self.app is not None

    async def start(self) -> None:
        if self.hosts:
            await self.supervisor.start()
            self._turns.start()

    async def stop(self) -> None:
        if self._keeper is not None:
            await self._turns.stop()
            await self._keeper.stop()
        await self.supervisor.stop()
