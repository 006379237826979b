"""The components about channels."""

from typing import Final

from adapters.notify.service import schemas as shared
from adapters.notify.service.channels import schemas
from adapters.notify.service.channels.service import ChannelService
from adapters.notify.service.channels.testing import ChannelTester
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_MANAGE: Final = "notify:manage"


def register_channel_components(app: ComponentApp, channels: ChannelService, tester: ChannelTester) -> None:
    app.read(
        "list_channels",
        shared.Nothing,
        list[schemas.ChannelView],
        channels.list_channels,
        scope=_MANAGE,
        summary=Words("List channels", "查询通道"),
        description=Words("Each kind of message with how it is sent.", "各消息类型及其发送方式。"),
    )
    app.change(
        "set_channel",
        schemas.SetChannel,
        schemas.ChannelName,
        channels.set_channel,
        scope=_MANAGE,
        summary=Words("Set a channel", "设置通道"),
        description=Words(
            "A mail server, or an address of a chat, an SMS service or a webhook; served from the next message on.",
            "设置邮件服务器，或聊天机器人、短信服务、网络钩子的地址；自下一条消息起生效。",
        ),
    )
    app.change(
        "delete_channel",
        schemas.OfChannel,
        schemas.ChannelName,
        channels.delete_channel,
        scope=_MANAGE,
        summary=Words("Delete a channel", "删除通道"),
        description=Words(
            "One that is there from the start becomes as it came; what waits for another is given up.",
            "内置通道恢复初始设置；等待其他通道的消息将放弃发送。",
        ),
    )
    app.own(
        "test_channel",
        schemas.TestChannel,
        schemas.TestResult,
        tester.test_channel,
        scope=_MANAGE,
        summary=Words("Test a channel", "测试通道"),
        description=Words("Sends one message and tells what the other side said.", "发送一条消息，并返回对方的应答。"),
    )
