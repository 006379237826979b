"""A small BK-CMSI: it knows ada, who has a mail address and a telephone."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.blueking_systems.refusal import Refused

GENERIC: Final = 1306000
KNOWN: Final = {"ada"}

Record = dict[str, Any]


@dataclass
class Messages:
    """Attributes:
    sent: component, parameters.
    """

    sent: list[tuple[str, Record]] = field(default_factory=list)

    def answer(self, component: str, params: Record) -> Any:
        """The data; raises Refused."""
        if component == "get_msg_type":
            kinds = ("weixin", "mail", "sms", "voice")
            return [{"type": kind, "label": kind, "is_active": kind == "mail", "icon": "aWNvbg=="} for kind in kinds]
        if component == "send_msg" and params["msg_type"] not in {"mail", "sms", "voice", "weixin"}:
            raise Refused(GENERIC, "Unsupported type of msg type")
        addresses = _listed(params.get("receiver") or [each["username"] for each in _phones(params)])
        names = _listed(params.get("receiver__username", ())) if not addresses else []
        if not addresses and not names:
            raise Refused(GENERIC, "receiver and receiver__username are both empty")
        invalid = [name for name in (*names, *(each["username"] for each in _phones(params))) if name not in KNOWN]
        if len(invalid) < len(addresses) + len(names):
            self.sent.append((component, params))
        checked = {"username_check": {"invalid": invalid}}
        if invalid:
            raise Refused(GENERIC, f"Some users failed to send. They are no users: {','.join(invalid)}", checked)
        return checked


def _phones(params: Record) -> list[Record]:
    found: list[Record] = params.get("user_list_information", [])
    return found


def _listed(value: Any) -> list[str]:
    return [each for each in re.split(r"[,;\s]+", value) if each] if isinstance(value, str) else list(value)
