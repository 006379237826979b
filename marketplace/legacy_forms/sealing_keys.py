"""Keys by which a form's passwords are sealed for its plugin. Pure."""

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

_SM2 = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
"""What every SubjectPublicKeyInfo on the curve sm2p256v1 (GB/T 35276) begins with; the point's x and y follow."""
_SM2_POINT = 64
_AROUND = re.compile(r"-----[^-]+-----|\s")


def is_sealing_key(text: str) -> bool:
    """Whether it is an RSA or an SM2 public key, in PEM or its base64 alone: the kinds that the console seals by."""
    try:
        der = base64.b64decode(_AROUND.sub("", text), validate=True)
        return (der.startswith(_SM2) and len(der) == len(_SM2) + _SM2_POINT) or isinstance(
            load_der_public_key(der), RSAPublicKey
        )
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return False
