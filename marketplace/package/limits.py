"""What a package may hold. Bytes."""

import re
from typing import Final

MAX_ARCHIVE: Final = 10 * 1024 * 1024
MAX_RATIO: Final = 100
"""Unpacked to packed; small files, where it says nothing, are exempt up to `RATIO_FLOOR`."""
RATIO_FLOOR: Final = 64 * 1024
MAX_DIRECTORY: Final = 128 * 1024
"""The archive's own table of contents."""
MAX_FILES: Final = 500
MAX_UNPACKED: Final = 40 * 1024 * 1024

MANIFEST: Final = "plugin.yaml"
README: Final = "README.md"
CHANGELOG: Final = "CHANGELOG.md"
ICON: Final = "icon.svg"
REQUIREMENTS: Final = "requirements.txt"
DETAIL: Final = "detail.json"
"""What the code of a Python plugin says of its version: written when packing, so that nobody runs code to read it."""
FORM_SCRIPT: Final = "form.js"
FLOW: Final = "flow.json"
"""The flows of a package of kind flow."""
CHECKSUMS: Final = "CHECKSUMS"
SIGNATURES: Final = "SIGNATURES"
MADE: Final = frozenset({DETAIL, CHECKSUMS, SIGNATURES})
CODE: Final = "bk_plugin/"
"""Where the code of a Python plugin stands."""

MAX_SIZES: Final = {
    MANIFEST: 256 * 1024,
    README: 512 * 1024,
    CHANGELOG: 512 * 1024,
    ICON: 128 * 1024,
    REQUIREMENTS: 64 * 1024,
    FORM_SCRIPT: 256 * 1024,
    FLOW: 2 * 1024 * 1024,
    DETAIL: 2 * 1024 * 1024,
    CHECKSUMS: 128 * 1024,
    SIGNATURES: 16 * 1024,
}
"""Every file a package may hold outside its code, with its bound."""
REQUIRED: Final = (MANIFEST, README, CHANGELOG)
CONTENT: Final = tuple(sorted(set(MAX_SIZES) - MADE))
"""What an author writes beside code; the rest is made when packing and signing."""
SCREENSHOTS: Final = "screenshots/"
"""Pictures for the catalogue, shown in the order of their names."""
MAX_SCREENSHOTS: Final = 6
_MAX_SCREENSHOT: Final = 1024 * 1024
_SCREENSHOT_NAME: Final = re.compile(r"screenshots/[a-z0-9][a-z0-9_-]{0,63}\.(?:png|jpg|webp)")
_MAX_CODE_FILE: Final = 1024 * 1024
_MAX_NAME: Final = 200
_CODE_NAME: Final = re.compile(r"bk_plugin/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")


def limit_of(name: str) -> int | None:
    """How large a file of this name may be; None where a package holds none of this name."""
    if _CODE_NAME.fullmatch(name) and len(name) <= _MAX_NAME:
        return _MAX_CODE_FILE
    if _SCREENSHOT_NAME.fullmatch(name):
        return _MAX_SCREENSHOT
    return MAX_SIZES.get(name)
