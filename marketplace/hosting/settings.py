"""How plugins are hosted here, from the product's settings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kernel.settings import Settings
from marketplace.hosting.sandbox.cgroups import Caps
from marketplace.hosting.sandbox.spec import Limits
from marketplace.package.manifest import HOSTED_SYSTEM

CALLBACKS: Final = "/v1/callbacks/"
"""Where tasks are told that a run has ended."""
_MEGABYTE: Final = 1024 * 1024
_FILES, _PROCESSES, _NICE = 512, 128, 10


@dataclass(frozen=True, slots=True)
class HostingSettings:
    """Attributes:
    base: the folder of this machine's hosted plugins.
    address: where they are served behind the gateway.
    gateway_url, public_url: the gateway, as this machine and as everybody reaches it.
    relaxed: plugins run where nothing but limits holds them.
    memory: bytes, of all processes of one plugin together.
    cpus: processors, of all processes of one plugin together, where the machine can hold them to it.
    disk: bytes of a plugin's own folder.
    idle_seconds: how long a plugin that nobody calls, and that waits for nothing, goes on running.
    """

    base: Path
    address: str
    gateway_url: str
    public_url: str
    relaxed: bool
    memory: int
    cpus: float
    disk: int
    idle_seconds: float
    wheels: Path | None

    @property
    def limits(self) -> Limits:
        return Limits(self.memory, _FILES, _PROCESSES, min(self.disk, 256 * _MEGABYTE), _NICE)

    @property
    def caps(self) -> Caps:
        return Caps(self.cpus, self.memory, _PROCESSES)

    @property
    def callback_base(self) -> str:
        """Where others call plugins back; `{plugin}` and `{release}` are to be filled in."""
        return f"{self.public_url}/api/{HOSTED_SYSTEM}/prod/{{plugin}}/{{release}}/bk_plugin"

    @property
    def known_hosts(self) -> frozenset[str]:
        return frozenset(urlsplit(url).netloc for url in (self.gateway_url, self.public_url))


def hosting_settings(settings: Settings) -> HostingSettings:
    host = (settings.plugin_host_url or settings.effective_gateway_url).rstrip("/")
    return HostingSettings(
        base=settings.data_dir.resolve() / "plugins",
        address=f"{host}/systems/{HOSTED_SYSTEM}",
        gateway_url=settings.effective_gateway_url,
        public_url=settings.public_url.rstrip("/"),
        relaxed=settings.plugin_isolation == "relaxed",
        memory=settings.plugin_memory_mb * _MEGABYTE,
        cpus=settings.plugin_cpus,
        disk=settings.plugin_disk_mb * _MEGABYTE,
        idle_seconds=settings.plugin_idle_minutes * 60,
        wheels=settings.plugin_wheels,
    )
