"""The kinds of channels: what each speaks, and the kinds of message that exist without any being set up."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kernel.http.component_document import Words

MAIL: Final = "mail"
WEIXIN: Final = "weixin"
SMS: Final = "sms"
VOICE: Final = "voice"


class Kind(StrEnum):
    MAIL = "mail"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    SLACK = "slack"
    TEAMS = "teams"
    WEBHOOK = "webhook"
    SMS = "sms"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Schemes:
    """What addresses of a kind may begin with.

    Attributes:
        fixed: schemes of Apprise addresses with the host fixed by the service.
        own_host: schemes that dial the host of the address, with the web scheme they speak.
    """

    fixed: tuple[str, ...] = ()
    own_host: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.fixed, *(name for name, _ in self.own_host))


_WEBHOOK: Final = (("json", "http"), ("jsons", "https"), ("form", "http"), ("forms", "https"))
SCHEMES: Final[dict[Kind, Schemes]] = {
    Kind.MAIL: Schemes(),
    Kind.WECOM: Schemes(("wecombot",)),
    Kind.DINGTALK: Schemes(("dingtalk",)),
    Kind.FEISHU: Schemes(("feishu", "lark")),
    Kind.SLACK: Schemes(("slack",)),
    Kind.TEAMS: Schemes(own_host=(("workflows", "https"),)),
    Kind.WEBHOOK: Schemes(own_host=_WEBHOOK),
    Kind.SMS: Schemes(("twilio", "vonage", "plivo", "clicksend"), _WEBHOOK),
    Kind.VOICE: Schemes(("twilio",), _WEBHOOK),
}

BUILT_IN: Final[dict[str, tuple[Kind, Words]]] = {
    MAIL: (Kind.MAIL, Words("Mail", "邮件")),
    WEIXIN: (Kind.WECOM, Words("WeCom", "企业微信")),
    "dingtalk": (Kind.DINGTALK, Words("DingTalk", "钉钉")),
    "feishu": (Kind.FEISHU, Words("Feishu", "飞书")),
    "slack": (Kind.SLACK, Words("Slack", "Slack")),
    "teams": (Kind.TEAMS, Words("Teams", "Teams")),
    "webhook": (Kind.WEBHOOK, Words("Webhook", "网络钩子")),
    SMS: (Kind.SMS, Words("SMS", "短信")),
    VOICE: (Kind.VOICE, Words("Voice", "语音")),
}
"""Kinds of message that exist from the start: mail by the process's settings, the others by users' own addresses."""
