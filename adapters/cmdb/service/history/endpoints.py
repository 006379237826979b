"""The component that tells the history of the inventory."""

from adapters.cmdb.service.history import schemas
from adapters.cmdb.service.history.service import HistoryService
from adapters.cmdb.service.scopes import READ
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_history(app: ComponentApp, history: HistoryService) -> None:
    app.read(
        "list_operation_audit",
        schemas.ListOperationAudit,
        schemas.Operations,
        history.list_operations,
        scope=READ,
        summary=Words("List changes", "查询操作审计"),
        description=Words(
            "Who made, changed, moved or removed what, the youngest first, at most 200 a page.",
            "查询创建、修改、转移与删除记录，按时间倒序，每页最多 200 条。",
        ),
    )
