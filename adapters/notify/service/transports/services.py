"""One message by one of Apprise's services. Loaded with the first message: Apprise and `requests` take long."""

import asyncio
import json
import logging
from typing import Any, Final
from xml.sax.saxutils import escape

import apprise

from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.content import Content
from adapters.notify.service.transports.checked_requests import Exchange, Line, use
from adapters.notify.service.transports.html import plain_text
from adapters.notify.service.transports.outcome import Ending, Outcome
from kernel.transport.addresses import AddressPolicy
from kernel.transport.errors import AddressDenied, ConnectError, InvalidRequest

_LATER: Final = frozenset({408, 425, 429})
_TOO_MANY: Final = frozenset({-1, 45009, 130101, 11232, 9499})
"""Numbers by which WeCom, DingTalk and Feishu say in an answer of 200 that they are busy."""
_SAYS_IN_BODY: Final = frozenset({Kind.WECOM, Kind.DINGTALK, Kind.FEISHU})
_WECOM_BYTES: Final = 2048 - 8
"""Of a robot's text, less what stands between title and text."""
_CUT: Final = " …"
_SHOWN: Final = 200
# Apprise writes addresses, which carry rights to post, into its log.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


def target_of(address: str) -> Any:
    """What Apprise makes of an address; None when it can't read it."""
    asset = apprise.AppriseAsset(http_redirects=False, secure_logging=True)
    return apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)


def send(loop: asyncio.AbstractEventLoop, policy: AddressPolicy, kind: Kind, address: str, content: Content) -> Outcome:
    """Sends from a thread, by the loop's client. Never raises for what the service says."""
    target = target_of(address)
    if target is None:
        return Outcome(Ending.FAILED, "the address can't be read")
    line = Line(loop, policy)
    use(line, type(target))
    target.request_rate_per_sec = 0  # limits are the channel's
    taken = target.notify(body=_words(kind, address, content), title=content.title)
    return _outcome(kind, line.last, taken=bool(taken))


def _words(kind: Kind, address: str, content: Content) -> str:
    text = plain_text(content.text) if content.body_format == "Html" else content.text
    if kind is Kind.VOICE and address.startswith("twilio:"):
        # A text that begins like a document would be carried out as one, and could call other numbers.
        return f"<Response><Say>{escape(text)}</Say></Response>"
    return _shortened(text, _WECOM_BYTES - len(content.title.encode())) if kind is Kind.WECOM else text


def _shortened(text: str, most_bytes: int) -> str:
    """As much of a text as fits, marked where it ends early; a longer one would be refused as a whole."""
    raw = text.encode()
    if len(raw) <= most_bytes:
        return text
    return raw[: max(0, most_bytes - len(_CUT.encode()))].decode(errors="ignore") + _CUT


def _outcome(kind: Kind, last: Exchange | None, *, taken: bool) -> Outcome:
    if last is None:
        return Outcome(Ending.FAILED, "the service was not called: the address names no receiver")
    if isinstance(last.failure, AddressDenied | InvalidRequest):
        return Outcome(Ending.FAILED, str(last.failure))
    if last.failure is not None:
        ending = Ending.LATER if isinstance(last.failure, ConnectError) else Ending.UNKNOWN
        return Outcome(ending, f"the receiving service did not answer: {last.failure}")
    said = f"the receiving service answered {last.status}"
    if last.status >= 500 or last.status in _LATER:  # noqa: PLR2004  HTTP's server errors
        return Outcome(Ending.LATER, said)
    refusal = _refusal(last.body) if kind in _SAYS_IN_BODY else None
    if refusal is not None:
        number, words = refusal
        return Outcome(Ending.LATER if number in _TOO_MANY else Ending.FAILED, f"{said}: {number} {words}".rstrip())
    return Outcome(Ending.SENT if taken else Ending.FAILED, said)


def _refusal(body: bytes) -> tuple[int, str] | None:
    """What WeCom and DingTalk (`errcode`) and Feishu (`code`, formerly `StatusCode`) say in the body of a 200."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    for number, words in (("errcode", "errmsg"), ("code", "msg"), ("StatusCode", "StatusMessage")):
        code = answer.get(number)
        if isinstance(code, int) and not isinstance(code, bool) and code != 0 and words in answer:
            return code, str(answer[words])[:_SHOWN]
    return None
