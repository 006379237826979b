"""The components of the notification system, each with what it takes, answers and needs."""

from typing import Final

from adapters.notify.service import schemas
from adapters.notify.service.people.service import AddressService
from adapters.notify.service.sending import MessageSender
from adapters.notify.service.service import NotifyService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "notify:read"
_SEND: Final = "notify:send"
_MANAGE: Final = "notify:manage"


def register_components(
    app: ComponentApp, service: NotifyService, sender: MessageSender, addresses: AddressService
) -> None:
    app.read(
        "get_msg_type",
        schemas.Nothing,
        list[schemas.MessageType],
        service.get_msg_type,
        scope=_READ,
        summary=Words("Kinds of message", "查询消息类型"),
        description=Words("Each kind with whether it can be sent.", "各消息类型及其是否可用。"),
        method="GET",
    )
    app.own(
        "send_mail",
        schemas.SendMail,
        schemas.Sent,
        sender.send_mail,
        scope=_SEND,
        summary=Words("Send a mail", "发送邮件"),
        description=Words(
            "To users or addresses, HTML or text, with copies and attachments; a repeat of a key is the same mail.",
            "发送给用户或邮箱地址，支持 HTML 与文本、抄送与附件；同一幂等键重复调用即同一封邮件。",
        ),
    )
    app.own(
        "send_msg",
        schemas.SendMessage,
        schemas.Sent,
        sender.send_msg,
        scope=_SEND,
        summary=Words("Send a message", "发送消息"),
        description=Words(
            "By the given kind, to the address each user has for it.", "按指定类型发送到用户的对应地址。"
        ),
    )
    app.own(
        "send_sms",
        schemas.SendSms,
        schemas.Sent,
        sender.send_sms,
        scope=_SEND,
        summary=Words("Send an SMS", "发送短信"),
        description=Words("To phone numbers, or to the numbers of users.", "发送到手机号，或用户登记的号码。"),
    )
    app.own(
        "send_weixin",
        schemas.SendWeixin,
        schemas.Sent,
        sender.send_weixin,
        scope=_SEND,
        summary=Words("Send a WeCom message", "发送企业微信消息"),
        description=Words("With a heading, a text, a date and a remark.", "包含标题、正文、时间与备注。"),
    )
    app.own(
        "send_voice_msg",
        schemas.SendVoiceMessage,
        schemas.Sent,
        sender.send_voice_msg,
        scope=_SEND,
        summary=Words("Call and read a text", "发送语音通知"),
        description=Words("Calls phones and reads the text aloud.", "拨打电话并朗读文本。"),
    )
    app.own(
        "notify_users",
        schemas.NotifyUsers,
        schemas.Sent,
        sender.notify_users,
        scope=_SEND,
        summary=Words("Notify users", "通知用户"),
        description=Words(
            "By the kinds of message each prefers, with a text or a template in the language each reads.",
            "按每位用户偏好的消息类型发送，可使用模板并按用户语言选取文本。",
        ),
    )
    app.own(
        "get_message_status",
        schemas.OfMessage,
        schemas.Sent,
        sender.get_message_status,
        scope=_READ,
        summary=Words("How a message fares", "查询消息状态"),
        description=Words(
            "As the call that sent it would be answered now; settled once nobody waits for another attempt.",
            "返回该次发送当前的结果；不再有接收人等待重试时即为完成。",
        ),
        is_read=True,
    )
    app.change(
        "update_user_address",
        schemas.UpdateAddress,
        schemas.AddressView,
        addresses.update_user_address,
        scope=_MANAGE,
        summary=Words("Set a user's address", "设置用户地址"),
        description=Words("For one kind of message; empty removes it.", "设置某类消息的地址，留空则删除。"),
    )
    app.read(
        "list_user_addresses",
        schemas.ListAddresses,
        list[schemas.AddressView],
        addresses.list_user_addresses,
        scope=_MANAGE,
        summary=Words("List addresses", "查询用户地址"),
        description=Words("Without their secret parts.", "不含地址中的密钥部分。"),
    )
    app.read(
        "list_deliveries",
        schemas.ListDeliveries,
        list[schemas.DeliveryRecord],
        service.list_deliveries,
        scope=_READ,
        summary=Words("List deliveries", "查询发送记录"),
        description=Words("What the calling app sent, newest first.", "调用方应用的发送记录，按时间倒序。"),
    )


def register_record_components(app: ComponentApp, service: NotifyService) -> None:
    app.read(
        "search_deliveries",
        schemas.SearchDeliveries,
        schemas.DeliveryPage,
        service.search_deliveries,
        scope=_MANAGE,
        summary=Words("Search deliveries", "查询全部发送记录"),
        description=Words("What every app sent, newest first.", "所有应用的发送记录，按时间倒序。"),
    )
    app.read(
        "get_delivery",
        schemas.OfDelivery,
        schemas.DeliveryDetail,
        service.get_delivery,
        scope=_MANAGE,
        summary=Words("Read a delivery", "查询发送详情"),
        description=Words("With each attempt and what the other side said.", "包含每次尝试及对方的应答。"),
    )
    app.change(
        "resend_delivery",
        schemas.OfDelivery,
        schemas.DeliveryId,
        service.resend_delivery,
        scope=_MANAGE,
        summary=Words("Send again", "重新发送"),
        description=Words("One that failed, to the same receiver.", "将发送失败的消息重新发给同一接收人。"),
    )
