"""The calls of BK-CMSI that have a component.

Source: TencentBlueKing/blueking-apigateway, src/esb/esb/components/generic/templates/cmsi (the ESB's);
TencentBlueKing/bk-job, src/backend/commons/paas-sdk, packages paas.cmsi and paas.model.cmsi (the gateway's).
"""

from typing import Final

from tests.support.blueking_systems.documented import Call

_TO: Final = {"receiver": "strs", "receiver__username": "strs"}
_LISTED: Final = {"receiver": "list", "receiver__username": "list"}
_TEXT: Final = {"title": "str", "content": "str"}
_MAIL: Final = {"sender": "str", "body_format": "str", "is_content_base64": "bool", "attachments": "list"}

CALLS: Final = {
    "get_msg_type": Call("GET /v1/channels/", method="GET"),
    "send_msg": Call(
        None,
        {"msg_type": "str", "receiver__username": "strs", **_TEXT},
        {
            **_MAIL, "cc__username": "strs", "date": "str", "remark": "str", "wx_qy_agentid": "str",
            "wx_qy_corpsecret": "str",
        },
    ),
    "send_mail": Call(
        "POST /v1/send_mail/",
        _TEXT,
        {**_TO, **_MAIL, "cc": "strs", "cc__username": "strs"},
        api_takes={**_LISTED, **_MAIL, "cc": "list", "cc__username": "list"},
    ),
    "send_sms": Call(
        "POST /v1/send_sms/",
        {"content": "str"},
        {**_TO, "is_content_base64": "bool"},
        api_takes={**_LISTED, "is_content_base64": "bool"},
    ),
    "send_weixin": Call(
        "POST /v1/send_weixin/",
        {"data": "dict"},
        {**_TO, "wx_qy_agentid": "str", "wx_qy_corpsecret": "str"},
        api_needs={"message_data": "dict"},
        api_takes=_LISTED,
    ),
    "send_voice_msg": Call(
        "POST /v1/send_voice/",
        {"auto_read_message": "str"},
        {"user_list_information": "list", "receiver__username": "strs"},
        api_takes=_LISTED,
    ),
}  # fmt: skip
