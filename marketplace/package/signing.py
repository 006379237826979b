"""A package with signatures beside those it bears. Pure."""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from marketplace.package.archive import read_archive, write_archive
from marketplace.package.limits import SIGNATURES
from marketplace.package.package import read_package
from marketplace.package.signatures import render_signatures, sign


def sign_archive(archive: bytes, keys: Iterable[Ed25519PrivateKey]) -> bytes:
    """Its digest stays; a signature it bears that doesn't hold goes.

    Raises:
        PackageRefused: it is no package.
    """
    package = read_package(archive)
    standing = [signature for signature in package.signatures if signature.holds(package.digest)]
    made = [sign(package.digest, key) for key in keys]
    return write_archive({**read_archive(archive), SIGNATURES: render_signatures([*standing, *made])})
