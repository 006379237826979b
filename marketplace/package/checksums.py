"""The `CHECKSUMS` file: one line per file, `<sha256 in hex>  <name>`, sorted by name. Its own hash is the digest."""

import hashlib
from collections.abc import Mapping


def render_checksums(files: Mapping[str, bytes]) -> bytes:
    """The one right `CHECKSUMS` for these files."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def digest_of(checksums: bytes) -> str:
    """What names a version's content: depends on the files alone, not on how they were compressed."""
    return f"sha256:{hashlib.sha256(checksums).hexdigest()}"
