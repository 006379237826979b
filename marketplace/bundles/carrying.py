"""What flows in a bundle need and it does not carry. Pure."""

from collections.abc import Sequence

from marketplace.bundles.archive import BundledPackage
from marketplace.flows.needs import Lacks, lacks_of
from marketplace.package.published import read_published


def lacks_in(packages: Sequence[BundledPackage]) -> Lacks:
    """Raises:
    PackageRefused: one of them is no package.
    """
    carried: dict[str, list[str]] = {}
    for package in packages:
        carried.setdefault(package.code, []).append(package.version)
    lacks: Lacks = {}
    for package in packages:
        lacks |= lacks_of(read_published(package.archive).manifest, carried)
    return lacks
