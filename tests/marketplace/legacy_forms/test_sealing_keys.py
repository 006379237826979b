"""Keys of `password` fields: what is sealed by them, and what the report says of those by which nothing is."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marketplace.legacy_forms.reading import read_form_script
from marketplace.legacy_forms.sandbox.pool import Sandbox
from marketplace.legacy_forms.sealing_keys import is_sealing_key

_RSA = rsa.generate_private_key(65537, 2048).public_key()
_PEM = _RSA.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
_OTHER = ec.generate_private_key(ec.SECP256R1()).public_key()
# id-ecPublicKey on the curve sm2p256v1 (1.2.156.10197.1.301), with the curve's base point as the key.
_SM2 = base64.b64encode(
    bytes.fromhex(
        "3059301306072a8648ce3d020106082a811ccf5501822d03420004"
        "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
        "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
    )
).decode()


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        (_PEM, True),
        ("".join(_PEM.splitlines()[1:-1]), True),
        (_RSA.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode(), True),
        (_OTHER.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), False),
        (_SM2, True),
        (_SM2[:-4], False),
        ("04" * 65, False),
        ("no key", False),
    ],
    ids=["PEM", "base64", "PKCS 1", "another curve", "SM2", "SM2 cut off", "a bare point", "nonsense"],
)
def test_only_rsa_and_sm2_keys_seal(key: str, is_one: bool) -> None:  # noqa: FBT001  a case
    assert is_sealing_key(key) is is_one


@pytest.mark.parametrize(
    ("key", "note"), [(_PEM, ""), (_SM2, ""), ("no key", "is neither an RSA nor an SM2 public key"), ("", "")]
)
async def test_the_report_tells_of_a_key_by_which_nothing_is_sealed(sandbox: Sandbox, key: str, note: str) -> None:
    source = f"""$.atoms.x = [{{tag_code: "x", type: "password", attrs: {{pubKey: {json.dumps(key)}}}}}];"""
    (said,) = [
        one.note.text if one.note else ""
        for one in (await read_form_script(sandbox, source)).findings
        if one.part == "attribute pubKey"
    ]
    assert said.startswith(note)
    assert bool(said) is bool(note)
