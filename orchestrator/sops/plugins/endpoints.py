from kernel.http.component_document import Words
from orchestrator.sops.answering import Components
from orchestrator.sops.plugins.schemas import GetPlugin, Plugin, PluginBase
from orchestrator.sops.plugins.service import PluginComponents
from orchestrator.sops.schemas import InProject


def register_plugin_components(components: Components, service: PluginComponents) -> None:
    components.read(
        "/get_plugin_list/{bk_biz_id}",
        InProject,
        list[Plugin],
        service.get_plugin_list,
        (
            Words("List plugins", "查询业务下的插件列表"),
            Words("Those installed in the project, with what they take and give.", "项目中已安装的插件及其输入输出。"),
        ),
    )
    components.read(
        "/get_plugin_base_info/{bk_biz_id}",
        InProject,
        list[PluginBase],
        service.get_plugin_base_info,
        (Words("Name the plugins", "查询插件基础信息"), Words("By code and name alone.", "只返回插件编码与名称。")),
    )
    components.read(
        "/get_plugin_detail/{bk_biz_id}",
        GetPlugin,
        Plugin,
        service.get_plugin_detail,
        (Words("Read a plugin", "查询插件详情"), Words("A version of it, or the newest.", "指定版本或最新版本。")),
    )
