from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.nodes import schemas
from orchestrator.sops.nodes.plugin_logs import PluginLogComponents
from orchestrator.sops.nodes.service import NodeComponents


def register_node_components(components: Components, service: NodeComponents, logs: PluginLogComponents) -> None:
    components.read(
        "/get_task_plugin_log/{task_id}/{bk_biz_id}",
        schemas.GetPluginLog,
        schemas.PluginLog,
        logs.get_task_plugin_log,
        (
            Words("Read what a plugin wrote", "查询插件日志"),
            Words(
                "Of one call of it, by its trace; a thousand lines at a time.",
                "按 Trace ID 查询一次调用的日志，每次一千行。",
            ),
        ),
    )
    components.read(
        "/get_task_node_detail/{task_id}/{bk_biz_id}",
        schemas.GetNode,
        schemas.NodeDetail,
        service.get_task_node_detail,
        (
            Words("Read a node", "查询任务节点执行详情"),
            Words(
                "Its latest attempt with inputs and outputs, and those before.", "最近一次执行的输入输出及历史记录。"
            ),
        ),
    )
    components.read(
        "/get_task_node_data/{bk_biz_id}/{task_id}",
        schemas.GetNodeData,
        schemas.NodeData,
        service.get_task_node_data,
        (
            Words("Read a node's data", "获取节点执行数据"),
            Words("Inputs, outputs and error.", "输入、输出与异常信息。"),
        ),
    )
    components.read(
        "/get_task_node_log/{task_id}/{bk_biz_id}",
        schemas.GetNodeLog,
        str,
        service.get_task_node_log,
        (
            Words("Read a node's log", "获取节点日志"),
            Words("Of its latest attempt, or of the one named.", "最近一次或指定的一次执行的日志。"),
        ),
    )
    components.operate(
        "/operate_node/{bk_biz_id}/{task_id}",
        schemas.OperateNode,
        str,
        service.operate_node,
        (
            Words("Operate a node", "操作任务中的节点"),
            Words(
                "Retry, skip, make it fail, pause, resume, choose its way, or bring it a callback.",
                "重试、跳过、强制失败、暂停、继续、选择分支或回调。",
            ),
        ),
    )
    components.operate(
        "/node_callback/{task_id}/{bk_biz_id}",
        schemas.NodeCallback,
        str,
        service.node_callback,
        (
            Words("Call a node back", "回调任务节点"),
            Words("Brings a node that waits what it waits for.", "向等待中的节点传入回调数据。"),
        ),
    )
