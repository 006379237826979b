"""What one key signs, its own public half verifies, and no other."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kernel.signing.algorithms import algorithm_of, load_signing_key, load_verification_key, sign, verify
from kernel.signing.errors import SignatureInvalid

MAKERS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa-p256-sha256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa-pss-sha512": lambda: rsa.generate_private_key(65537, 2048),
}


def private_pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize("name", MAKERS)
def test_a_key_pair_signs_and_verifies_by_its_own_algorithm(name):
    made, other = MAKERS[name](), MAKERS[name]()
    key, public = load_signing_key(private_pem(made)), load_verification_key(public_pem(made))
    assert algorithm_of(key) == algorithm_of(public) == name
    signature = sign(b"text", key)
    verify(b"text", signature, public)
    for text, given, used in (
        (b"other", signature, public),
        (b"text", signature[:-1], public),
        (b"text", b"", public),
        (b"text", signature, load_verification_key(public_pem(other))),
    ):
        with pytest.raises(SignatureInvalid):
            verify(text, given, used)


def test_a_shared_secret_signs_and_one_that_can_be_guessed_does_not():
    key = load_signing_key(b"k" * 32)
    verify(b"text", sign(b"text", key), b"k" * 32)
    with pytest.raises(SignatureInvalid):
        verify(b"text", sign(b"text", b"short"), b"short")
    with pytest.raises(ValueError, match="16 bytes"):
        load_signing_key(b"short")


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 1024)],  # noqa: S505 - to be refused
    ids=["P-384", "RSA-1024"],
)
def test_a_key_that_is_weak_or_on_another_curve_is_refused(key):
    with pytest.raises(ValueError, match="expected"):
        load_signing_key(private_pem(key))
    with pytest.raises(ValueError, match="expected"):
        load_verification_key(public_pem(key))
