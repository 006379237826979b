"""The components by which others hear of changes."""

from adapters.cmdb.service.answers import Nothing
from adapters.cmdb.service.events import schemas
from adapters.cmdb.service.events.watching import EventWatcher
from adapters.cmdb.service.events.webhooks import WebhookService
from adapters.cmdb.service.scopes import MANAGE, READ
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_events(app: ComponentApp, watcher: EventWatcher, webhooks: WebhookService) -> None:
    app.own(
        "resource_watch",
        schemas.ResourceWatch,
        schemas.Watched,
        watcher.resource_watch,
        scope=READ,
        summary=Words("Watch changes", "监听资源变化"),
        description=Words(
            "Changes of one kind of object after a cursor, in their order; waits for one when there is none.",
            "按顺序返回游标之后的资源变化；没有变化时等待。",
        ),
        is_read=True,
    )
    app.change(
        "create_event_webhook",
        schemas.CreateWebhook,
        schemas.Secret,
        webhooks.create,
        scope=MANAGE,
        summary=Words("Add a webhook", "新增事件回调"),
        description=Words(
            "Changes are sent there, signed with the secret that is answered this once.",
            "资源变化将推送到该地址，并用仅返回一次的密钥签名。",
        ),
    )
    app.change(
        "update_event_webhook",
        schemas.UpdateWebhook,
        schemas.Secret,
        webhooks.update,
        scope=MANAGE,
        summary=Words("Change a webhook", "修改事件回调"),
        description=Words("Only what is sent changes.", "只修改传入的内容。"),
    )
    app.change(
        "delete_event_webhook",
        schemas.OfWebhook,
        Nothing,
        webhooks.delete,
        scope=MANAGE,
        summary=Words("Delete a webhook", "删除事件回调"),
        description=Words("It is told nothing more.", "不再推送。"),
    )
    app.read(
        "list_event_webhooks",
        schemas.ListWebhooks,
        list[schemas.Webhook],
        webhooks.list,
        scope=MANAGE,
        summary=Words("List webhooks", "查询事件回调"),
        description=Words("Each with how far it has been told.", "查询各回调及其推送进度。"),
        method="GET",
    )
