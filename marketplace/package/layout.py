"""How the files of a zip lie: a packed plugin, or the folder that its author works in. Pure."""

from collections.abc import Collection
from typing import Final

from marketplace.package.limits import CHECKSUMS, CODE, MANIFEST

_VERSIONS: Final = f"{CODE}versions/"


def project_place(names: Collection[str]) -> str | None:
    """The folder, empty or with a `/` at its end, in which a plugin stands that was not packed; None where none is."""
    known = set(names)
    if CHECKSUMS in known:
        return None
    codes = {name.partition(_VERSIONS)[0] for name in known if _VERSIONS in name and name.endswith(".py")}
    manifests = {name.removesuffix(MANIFEST) for name in known if name.rpartition("/")[2] == MANIFEST}
    places = [place for place in codes | manifests if place.count("/") <= 1 and place[:1] != "/"]
    return min(places, key=len, default=None)


def is_only_code(names: Collection[str]) -> bool:
    """Whether they are a project for bk-plugin-framework that has not been made a package yet."""
    place = project_place(names)
    return place is not None and f"{place}{MANIFEST}" not in names
