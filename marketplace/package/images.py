"""Pictures of a package: what they say they are is what they are. Pure."""

from collections.abc import Mapping

from marketplace.package import wordings
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import MAX_SCREENSHOTS, SCREENSHOTS

_BEGINNINGS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "webp": b"RIFF"}
_WEBP = slice(8, 12)
MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


def screenshots_of(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Names below `screenshots/`, in order.

    Raises:
        PackageRefused: too many, or one that is no picture of the kind its name says.
    """
    names = sorted(name for name in files if name.startswith(SCREENSHOTS))
    if len(names) > MAX_SCREENSHOTS:
        raise PackageRefused([wordings.SCREENSHOTS.at(names[MAX_SCREENSHOTS], limit=MAX_SCREENSHOTS)])
    for name in names:
        kind = name.rpartition(".")[2]
        data = files[name]
        if not data.startswith(_BEGINNINGS[kind]) or (kind == "webp" and data[_WEBP] != b"WEBP"):
            raise PackageRefused([wordings.PICTURE.at(name, type=MEDIA_TYPES[kind])])
    return tuple(name.removeprefix(SCREENSHOTS) for name in names)
