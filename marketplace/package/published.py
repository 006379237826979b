"""Packages that were published already. They are read and not checked again: what is refused by now may have been taken
when it came. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.package.archive import read_archive
from marketplace.package.compatibility import Contract
from marketplace.package.limits import DETAIL, MANIFEST
from marketplace.package.manifest import Manifest
from marketplace.package.manifest_check import shaped_manifest
from marketplace.package.package import contract_of, form_script_of
from marketplace.package.plugin_detail import read_detail
from marketplace.package.yaml_text import read_yaml


@dataclass(frozen=True, slots=True)
class Published:
    """Attributes:
    contract: what users of this version rely on.
    """

    manifest: Manifest
    contract: Contract


def read_published(archive: bytes) -> Published:
    """Raises:
    PackageRefused: it is no package at all.
    """
    return published_of(read_archive(archive))


def published_of(files: Mapping[str, bytes]) -> Published:
    """Of an archive that was unpacked, or a folder; raises as `read_published`."""
    detail = read_detail(files[DETAIL]) if DETAIL in files else None
    manifest = shaped_manifest(read_yaml(files[MANIFEST]), detail)
    return Published(manifest, contract_of(manifest, detail, form_script_of(files, detail)))


def published_contract(archive: bytes, manifest: Manifest) -> Contract:
    """As `read_published`, of which the manifest is known."""
    files = read_archive(archive)
    detail = read_detail(files[DETAIL]) if DETAIL in files else None
    return contract_of(manifest, detail, form_script_of(files, detail))
