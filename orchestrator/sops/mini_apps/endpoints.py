from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.mini_apps import schemas
from orchestrator.sops.mini_apps.service import MiniAppComponents


def register_mini_app_components(components: Components, service: MiniAppComponents) -> None:
    components.read(
        "/get_mini_app_list/{bk_biz_id}",
        schemas.ListMiniApps,
        list[schemas.MiniAppRow],
        service.get_mini_app_list,
        (Words("List mini-apps", "查询轻应用列表"), Words("Of a project.", "项目中的轻应用。")),
    )
