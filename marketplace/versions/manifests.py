"""Manifests of published versions, read once: versions never change."""

from collections import OrderedDict
from typing import Protocol

from marketplace.package.manifest import Manifest
from marketplace.package.manifest_check import load_manifest


class KeptManifest(Protocol):
    """A published version, or what was read of it."""

    @property
    def digest(self) -> str: ...

    @property
    def manifest(self) -> str: ...


class ManifestCache:
    """The newest-used manifests, by the digest of their package."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._kept: OrderedDict[str, Manifest] = OrderedDict()

    def manifest_of(self, version: KeptManifest) -> Manifest:
        kept = self._kept.get(version.digest)
        if kept is None:
            kept = self._kept[version.digest] = load_manifest(version.manifest)
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(version.digest)
        return kept
