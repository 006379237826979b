"""Keys by which a form's passwords are sealed for its plugin. Pure."""

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

_AROUND = re.compile(r"-----[^-]+-----|\s")


def is_rsa_key(text: str) -> bool:
    """Whether it is an RSA public key, in PEM or its base64 alone: the only kind that the console seals by."""
    try:
        key = load_der_public_key(base64.b64decode(_AROUND.sub("", text), validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPublicKey)
