"""What the launcher is told: one JSON document, by the process that starts a plugin."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum


class Walls(StrEnum):
    """What stands between a plugin and the machine.

    NAMESPACES: a root, processes and a network of its own; the gateway is all that can be reached.
    LANDLOCK: the machine's files, of which few may be opened, and no network at all.
    NONE: limits alone.
    """

    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """Attributes:
    data: bytes of memory that one process may write to.
    file: bytes of a file.
    """

    data: int
    files: int
    processes: int
    file: int
    nice: int


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or folder of the machine, and where the plugin finds it.

    Attributes:
        device: a device, which a file system without devices would not serve.
    """

    source: str
    target: str
    writable: bool = False
    device: bool = False


@dataclass(frozen=True, slots=True)
class Spec:
    """A process to start.

    Attributes:
        user: whose process it becomes; None leaves the one who starts it.
        root: an empty folder, on which the new root is mounted.
        links: symbolic links of the new root: target by place.
        channel: a descriptor on which the socket that stands for the gateway is handed back; none without a network.
        gateway_port: where that listens on the plugin's loopback.
        groups: files by which it enters its control groups.
    """

    walls: Walls
    argv: list[str]
    env: dict[str, str]
    cwd: str
    limits: Limits
    root: str = ""
    user: int | None = None
    binds: list[Bind] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    channel: int | None = None
    gateway_port: int = 0
    groups: list[str] = field(default_factory=list)

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> "Spec":
        given = json.loads(text)
        return cls(
            **given
            | {
                "walls": Walls(given["walls"]),
                "limits": Limits(**given["limits"]),
                "binds": [Bind(**bind) for bind in given["binds"]],
            }
        )
