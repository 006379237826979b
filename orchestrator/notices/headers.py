"""Headers that say to an address who sends it something: sealed where they are kept."""

import json
from collections.abc import Mapping
from typing import Final

from kernel.secrets import SecretBox
from orchestrator.notices.models import FlowWebhook

_PURPOSE: Final = "task webhook headers"


def sealed_headers(headers: Mapping[str, str], secrets: SecretBox) -> str:
    return secrets.seal(json.dumps(dict(headers)).encode(), _PURPOSE) if headers else ""


def opened_headers(webhook: FlowWebhook, secrets: SecretBox) -> dict[str, str]:
    """Raises:
    SecretUnreadable: they were altered, or the key that sealed them is gone.
    """
    if not webhook.sealed_headers:
        return {}
    headers: dict[str, str] = json.loads(secrets.open(webhook.sealed_headers, _PURPOSE))
    return headers
