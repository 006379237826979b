"""HTTP clients of tests trust the same authorities: to read these takes longer than most calls."""

import os
import ssl
from functools import cache
from typing import Any

from httpx._config import create_ssl_context
from httpx._transports import default

_OTHERS = {"SSL_CERT_FILE", "SSL_CERT_DIR"}


@cache
def _usual() -> ssl.SSLContext:
    return create_ssl_context()


def _trust(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:  # noqa: FBT001, FBT002  httpx's way of asking
    if verify is True and cert is None and not _OTHERS & os.environ.keys():
        return _usual()
    return create_ssl_context(verify, cert, trust_env)


def share_trust() -> None:
    vars(default).update(create_ssl_context=_trust)
