"""Secrets ticket systems verify our webhooks with."""

import base64
import os
from typing import Final

from kernel.signing.standard_webhooks import PREFIX

WEBHOOK_SECRET: Final = "ticket webhook secret"  # noqa: S105  a purpose, not a secret
"""What it is sealed for."""

_BYTES = 32


def new_webhook_secret() -> str:
    return PREFIX + base64.b64encode(os.urandom(_BYTES)).decode()
