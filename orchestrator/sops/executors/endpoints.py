from kernel.http.component_document import Words
from orchestrator.sops.answering import EDIT, Components
from orchestrator.sops.executors import schemas
from orchestrator.sops.executors.service import ExecutorComponents


def register_executor_components(components: Components, service: ExecutorComponents) -> None:
    components.change(
        "/modify_project_executor_proxy/{bk_biz_id}",
        schemas.ModifyProjectExecutor,
        schemas.ProjectExecutor,
        service.modify_project_executor_proxy,
        (
            Words("Change the executor of a project", "修改项目执行代理人"),
            Words("Of tasks whose flows name nobody.", "用于流程未指定执行代理人的任务。"),
        ),
        scope=EDIT,
    )
    components.change(
        "/modify_template_executor_proxy/{template_id}/{bk_biz_id}",
        schemas.ModifyTemplateExecutor,
        schemas.TemplateExecutor,
        service.modify_template_executor_proxy,
        (
            Words("Change the executor of a template", "修改流程模板执行代理人"),
            Words("Publishes it anew; whoever is named is asked for consent.", "重新发布流程，并请被指定者授权。"),
        ),
        scope=EDIT,
    )
