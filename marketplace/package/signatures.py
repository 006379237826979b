"""Who vouches for a package: Ed25519 signatures over its digest, by any number of keys.

`SIGNATURES` holds one line a signature, `ed25519 <public key> <signature>`, both in base64. What is signed is a line
that names the purpose, and the digest, so that a signature fits this package and nothing else.
"""

import base64
import binascii
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kernel.errors import FieldProblem
from marketplace.package import wordings
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import SIGNATURES

_PURPOSE = b"trunkline plugin package\n"
_ALGORITHM = "ed25519"
_MAX_SIGNATURES = 20
_KEY_BYTES = 32
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Signature:
    """Attributes:
    key: the public key, in base64.
    """

    key: str
    value: bytes

    def holds(self, digest: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(self.key)).verify(
                self.value, _PURPOSE + digest.encode()
            )
        except (InvalidSignature, ValueError):
            return False
        return True


def sign(digest: str, key: Ed25519PrivateKey) -> Signature:
    return Signature(public_half(key), key.sign(_PURPOSE + digest.encode()))


def public_half(key: Ed25519PrivateKey) -> str:
    """In base64, as trust roots are written."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """Raises ValueError: no PEM of an Ed25519 key without a password."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (TypeError, ValueError) as error:
        raise ValueError("is no private key in PEM, or has a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("is a private key, but not of Ed25519")  # noqa: TRY004  of a file, not of our caller
    return key


def is_public_key(text: str) -> bool:
    """Whether it can be a trust root."""
    try:
        return len(base64.b64decode(text, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def render_signatures(signatures: Iterable[Signature]) -> bytes:
    """The file, sorted; one line a key."""
    by_key = {signature.key: signature for signature in signatures}
    lines = (f"{_ALGORITHM} {key} {base64.b64encode(by_key[key].value).decode()}\n" for key in sorted(by_key))
    return "".join(lines).encode()


def read_signatures(text: bytes) -> tuple[Signature, ...]:
    """What the file says; whether it is true is asked of each signature.

    Raises:
        PackageRefused: it can't be read.
    """
    lines = text.decode("ascii", "replace").splitlines()
    if len(lines) > _MAX_SIGNATURES:
        raise PackageRefused([wordings.SIGNATURES.at(SIGNATURES, limit=_MAX_SIGNATURES)])
    return tuple(_read(line, number) for number, line in enumerate(lines, 1))


def signature_problem(signatures: Iterable[Signature], digest: str, trusted: frozenset[str]) -> FieldProblem | None:
    """Why these signatures do not suffice; without trust roots nothing has to be signed, but what is must hold."""
    given = tuple(signatures)
    wrong = next((signature.key for signature in given if not signature.holds(digest)), None)
    if wrong is not None:
        return wordings.WRONG_SIGNATURE.at(SIGNATURES, key=wrong)
    if trusted and not trusted & {signature.key for signature in given}:
        return (wordings.UNTRUSTED if given else wordings.UNSIGNED).at(SIGNATURES)
    return None


def _read(line: str, number: int) -> Signature:
    parts = line.split(" ")
    if len(parts) == _PARTS and parts[0] == _ALGORITHM and is_public_key(parts[1]):
        with suppress(binascii.Error):
            return Signature(parts[1], base64.b64decode(parts[2], validate=True))
    raise PackageRefused([wordings.NO_SIGNATURE.at(f"{SIGNATURES} line {number}")])
