import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from marketplace.package.archive import write_archive
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import SIGNATURES
from marketplace.package.package import read_package
from marketplace.package.signatures import (
    Signature,
    public_half,
    read_signatures,
    render_signatures,
    sign,
    signature_problem,
)
from tests.support.packages import FIND_HOST, files_of

DIGEST = "sha256:" + "0" * 64
OURS, THEIRS = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
TRUSTED = frozenset({public_half(OURS)})


def test_a_package_is_the_same_whoever_signs_it():
    plain = read_package(write_archive(files_of(FIND_HOST)))
    signatures = [sign(plain.digest, OURS), sign(plain.digest, THEIRS)]
    signed = read_package(write_archive({**files_of(FIND_HOST), SIGNATURES: render_signatures(signatures)}))
    assert signed.digest == plain.digest
    assert {signature.key for signature in signed.signatures} == {public_half(OURS), public_half(THEIRS)}
    assert signature_problem(signed.signatures, signed.digest, TRUSTED) is None


@pytest.mark.parametrize(
    ("signatures", "trusted", "problem"),
    [
        ([], frozenset(), None),
        ([sign(DIGEST, THEIRS)], frozenset(), None),
        ([sign(DIGEST, THEIRS), sign(DIGEST, OURS)], TRUSTED, None),
        ([], TRUSTED, "is not signed"),
        ([sign(DIGEST, THEIRS)], TRUSTED, "is signed by no key that is trusted here"),
        ([sign(DIGEST, OURS), Signature(public_half(THEIRS), b"0" * 64)], TRUSTED, "the signature by"),
        ([sign(DIGEST[:-1] + "1", OURS)], frozenset(), "the signature by"),
    ],
)
def test_what_is_signed_must_hold_and_be_trusted(signatures, trusted, problem):
    found = signature_problem(signatures, DIGEST, trusted)
    assert (problem is None and found is None) or found.problem.startswith(problem)


@pytest.mark.parametrize(
    "line",
    [
        b"rsa a b",
        b"ed25519",
        b"ed25519 AAAA AAAA",
        b"ed25519 " + base64.b64encode(b"k" * 32) + b" not-base64!",
        b"\xff\xfe",
        b"\n" * 30,
    ],
)
def test_what_is_no_signature_is_refused(line):
    with pytest.raises(PackageRefused) as refused:
        read_signatures(line)
    assert refused.value.fields[0].field.startswith(SIGNATURES)
