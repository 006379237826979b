"""What a package may hold. Bytes."""

from typing import Final

MAX_ARCHIVE: Final = 10 * 1024 * 1024
MAX_RATIO: Final = 100
"""Unpacked to packed; small files, where it says nothing, are exempt up to `RATIO_FLOOR`."""
RATIO_FLOOR: Final = 64 * 1024
MAX_DIRECTORY: Final = 16 * 1024
"""The archive's own table of contents."""

MANIFEST: Final = "plugin.yaml"
README: Final = "README.md"
CHANGELOG: Final = "CHANGELOG.md"
ICON: Final = "icon.svg"
CHECKSUMS: Final = "CHECKSUMS"

MAX_SIZES: Final = {
    MANIFEST: 256 * 1024,
    README: 512 * 1024,
    CHANGELOG: 512 * 1024,
    ICON: 128 * 1024,
    CHECKSUMS: 4 * 1024,
}
"""Every file a package may hold, with its bound."""
REQUIRED: Final = (MANIFEST, README, CHANGELOG)
CONTENT: Final = tuple(sorted(set(MAX_SIZES) - {CHECKSUMS}))
"""What an author writes; `CHECKSUMS` is made when packing."""
