"""HTTP clients of tests trust the same authorities: to read these takes longer than most calls."""

import os
import ssl
from functools import cache
from typing import Any

from httpx._config import create_ssl_context
from httpx._transports import default


@cache
def _usual(file: str | None, folder: str | None, trust_env: bool) -> ssl.SSLContext:  # noqa: FBT001  as httpx asks
    return create_ssl_context(trust_env=trust_env)


def _trust(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:  # noqa: FBT001, FBT002  httpx's way of asking
    if verify is True and cert is None:
        return _usual(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"), trust_env)
    return create_ssl_context(verify, cert, trust_env)


def share_trust() -> None:
    vars(default).update(create_ssl_context=_trust)
