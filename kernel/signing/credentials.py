"""Credentials that are sent as they are: the profiles ``basic``, ``bearer`` and ``api-key``."""

import base64
import re
from urllib.parse import quote

_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


def basic(username: str, password: str) -> str:
    """The value of ``Authorization`` (RFC 7617, in UTF-8); raises ValueError for what it cannot carry."""
    if ":" in username or any(ord(sign) < 0x20 or ord(sign) == 0x7F for sign in username + password):  # noqa: PLR2004 - control characters
        raise ValueError("a user name has no colon, and neither it nor the password a control character")
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode('ascii')}"


def bearer(token: str) -> str:
    """The value of ``Authorization`` (RFC 6750 §2.1); raises ValueError for what is no token."""
    if not _TOKEN68.fullmatch(token):
        raise ValueError("a bearer token has letters, digits and -._~+/ alone, and = at its end")
    return f"Bearer {token}"


def key_header(name: str, key: str) -> str:
    """The line that carries an API key, with its end; raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a header")
    if not _VALUE.fullmatch(key):
        raise ValueError("a key in a header is visible ASCII")
    return f"{name.lower()}: {key}\r\n"


def key_parameter(name: str, key: str) -> str:
    """The query parameter that carries an API key, escaped."""
    return f"{quote(name, safe='')}={quote(key, safe='')}"
