from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.children import schemas
from orchestrator.sops.children.service import ChildComponents


def register_child_components(components: Components, service: ChildComponents) -> None:
    components.change(
        "/start_child_task",
        schemas.StartChild,
        schemas.StartedChild,
        service.start_child_task,
        (
            Words("Start a child task", "启动独立子任务"),
            Words("Of a node that waits for it.", "由等待其结果的节点启动。"),
        ),
        for_executors=True,
    )
    components.read(
        "/get_child_task/{id}",
        schemas.OfChild,
        schemas.ChildStanding,
        service.get_child_task,
        (Words("How a child task stands", "查询独立子任务"), Words("With its outputs.", "包含其输出。")),
    )
