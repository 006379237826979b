"""Tells whoever asked for it that a run has ended: the body they gave, posted to the address they gave."""

import json
import logging
import ssl
import time
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from trunkline_plugin.plugin import Plugin

logger = logging.getLogger("bk_plugin")
FIELD = "plugin_callback_info"
_TRIES = 3
_SECONDS = 10
_PAUSE = 1.0


def asks_to_be_told(plugin: type[Plugin] | None, context: dict[str, Any]) -> bool:
    """Whether the version tells its end, and this run's context says whom."""
    if plugin is None or not getattr(plugin.Meta, "enable_plugin_callback", False):
        return False
    asked = getattr(plugin, "ContextInputs", None)
    info = context.get(FIELD)
    return asked is not None and FIELD in asked.model_fields and isinstance(info, dict) and bool(info.get("url"))


class EndTeller:
    """Posts, three times at most; that it failed is logged, and nobody else's concern."""

    def __init__(self, *, verify_tls: bool, pause: Callable[[float], None] = time.sleep) -> None:
        self._tls = ssl.create_default_context()
        if not verify_tls:
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self._pause = pause

    def tell(self, context: dict[str, Any]) -> bool:
        """Whether it was taken: a status of 2xx, and no body or JSON whose `result` is not false."""
        info = context[FIELD]
        for left in reversed(range(_TRIES)):
            try:
                self._post(info["url"], info.get("data", {}))
            except (OSError, ValueError, RecursionError) as error:
                logger.warning("telling the end failed: %s", error)
                if left:
                    self._pause(_PAUSE)
            else:
                return True
        return False

    def _post(self, url: str, data: Any) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("the address is neither http nor https")
        request = urllib.request.Request(  # noqa: S310  the scheme was looked at
            url, json.dumps(data).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=_SECONDS, context=self._tls) as answer:  # noqa: S310  as above
            said = json.loads(answer.read() or b"null")
        if isinstance(said, dict) and not said.get("result", True):
            raise ValueError(f"it was answered result false: {said.get('message', '')}")
