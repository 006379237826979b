from kernel.http.component_document import Words
from orchestrator.sops.answering import EDIT, Components
from orchestrator.sops.webhooks import schemas
from orchestrator.sops.webhooks.service import WebhookComponents


def register_webhook_components(components: Components, service: WebhookComponents) -> None:
    components.change(
        "/apply_webhook_configs/{bk_biz_id}",
        schemas.ApplyWebhooks,
        str,
        service.apply_webhook_configs,
        (
            Words("Set webhooks of templates", "批量修改模板的 Webhook 配置"),
            Words(
                "An address that is told when their tasks have finished or failed.",
                "任务执行完成或失败时通知指定地址。",
            ),
        ),
        scope=EDIT,
    )
