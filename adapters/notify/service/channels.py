"""The kinds of message, and which addresses each may have."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kernel.http.component_document import Words
from kernel.settings import Settings
from kernel.transport.errors import InvalidRequest
from kernel.transport.origin import Origin, parse_url

MAIL: Final = "mail"
WEIXIN: Final = "weixin"
SMS: Final = "sms"
VOICE: Final = "voice"
_PLAIN_ADDRESS = re.compile(r"[a-z]+://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/%-]*)?(?:\?[A-Za-z0-9._~=&%+-]*)?")
"""Nothing in which two readers of addresses could see two different hosts."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A kind of message.

    Attributes:
        schemes: schemes of Apprise addresses with the host fixed by the service.
        own_host: schemes that dial the host of the address, with the web scheme they speak.
    """

    label: Words
    schemes: tuple[str, ...] = ()
    own_host: tuple[tuple[str, str], ...] = ()

    @property
    def is_offered(self) -> bool:
        return bool(self.schemes or self.own_host)


_WEBHOOK: Final = (("json", "http"), ("jsons", "https"))
CHANNELS: Final[dict[str, Channel]] = {
    MAIL: Channel(Words("Mail", "邮件"), ("mailto",)),
    WEIXIN: Channel(Words("WeCom", "企业微信"), ("wecombot",)),
    "dingtalk": Channel(Words("DingTalk", "钉钉"), ("dingtalk",)),
    "feishu": Channel(Words("Feishu", "飞书"), ("feishu", "lark")),
    "slack": Channel(Words("Slack", "Slack"), ("slack",)),
    "teams": Channel(Words("Teams", "Teams"), own_host=(("workflows", "https"),)),
    "webhook": Channel(Words("Webhook", "网络钩子"), own_host=_WEBHOOK),
    SMS: Channel(Words("SMS", "短信"), ("twilio", "vonage", "plivo", "clicksend"), _WEBHOOK),
    VOICE: Channel(Words("Voice", "语音"), ("twilio",), _WEBHOOK),
}


class AddressRefused(Exception):
    """The address is none of its kind, or may not be dialled; the text says why."""


class AddressRules:
    """Which addresses may be kept and dialled: services of fixed hosts, and origins an operator listed."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = frozenset(parse_url(origin)[0] for origin in settings.allowed_upstream_origins)

    def check(self, msg_type: str, address: str) -> str:
        """The part of the address that may be shown.

        Raises:
            AddressRefused: not for this kind of message.
        """
        channel = CHANNELS[msg_type]
        scheme = address.partition("://")[0].lower()
        for own, web in channel.own_host:
            if scheme == own:
                return f"{own}://{self._listed(web, address).authority}"
        if scheme not in channel.schemes or "://" not in address:
            known = [*channel.schemes, *(own for own, _ in channel.own_host)]
            raise AddressRefused(f"begins with none of {', '.join(f'{name}://' for name in known)}")
        return f"{scheme}://…"

    def _listed(self, web: str, address: str) -> Origin:
        if not _PLAIN_ADDRESS.fullmatch(address):
            raise AddressRefused("must be a host, a path and parameters in plain characters, without user or password")
        try:
            parts = urlsplit(address)
            origin, _ = parse_url(f"{web}://{parts.netloc}/")
        except (InvalidRequest, ValueError) as error:
            raise AddressRefused(str(error)) from None
        if origin not in self._allowed:
            raise AddressRefused(f"{origin} is not listed; an operator lists it in TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS")
        return origin
