"""Which files go from where to which folder: what a step of file distribution keeps."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import PurePosixPath
from typing import Any


class TransferMode(IntEnum):
    STRICT = 1
    """The folder must be there; those below it that come along are made."""
    FORCE = 2
    """A folder that is missing is made."""


class SourceKind(IntEnum):
    HOST = 1
    UPLOADED = 2
    THIRD_PARTY = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Attributes:
    ip: of a host; of others what they are called.
    account_id: whom the host is entered as; none for this machine as ourselves.
    scope, store: of what comes from elsewhere than a host: whose it is, and the file source.
    """

    cloud_id: int
    ip: str
    account_id: int | None
    paths: tuple[str, ...]
    kind: SourceKind = SourceKind.HOST
    scope: tuple[str, str] = ("", "")
    store: int | None = None

    @classmethod
    def loaded(cls, kept: Mapping[str, Any]) -> "Source":
        places = {name: tuple(kept[name]) for name in ("paths", "scope") if name in kept}
        return cls(**{**kept, **places, "kind": SourceKind(kept.get("kind", SourceKind.HOST))})


@dataclass(frozen=True, slots=True)
class FilePlan:
    """Attributes:
    upload_limit, download_limit: MiB a second from each source and to each target; none for no limit.
    """

    sources: tuple[Source, ...]
    folder: str
    mode: TransferMode
    upload_limit: int | None
    download_limit: int | None

    def target_of(self, name: str) -> str:
        """Where what comes to this place below the folder lies at the target."""
        return str(PurePosixPath(self.folder) / name)

    def dumped(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loaded(cls, text: str) -> "FilePlan":
        kept = json.loads(text)
        sources = tuple(Source.loaded(one) for one in kept.pop("sources"))
        return cls(sources, kept["folder"], TransferMode(kept["mode"]), kept["upload_limit"], kept["download_limit"])
