from kernel.http.component_document import Words
from orchestrator.sops.answering import EDIT, Components
from orchestrator.sops.templates import schemas
from orchestrator.sops.templates.common import CommonTemplateComponents
from orchestrator.sops.templates.copying import TemplateCopying
from orchestrator.sops.templates.making import TemplateMaking
from orchestrator.sops.templates.service import TemplateComponents
from orchestrator.sops.templates.sharing import TemplateSharing
from orchestrator.sops.templates.telling import TemplateTelling


def register_template_telling(components: Components, service: TemplateTelling) -> None:
    components.change(
        "/modify_template_notify/{template_id}/{bk_biz_id}",
        schemas.ModifyNotify,
        schemas.ModifiedNotify,
        service.modify_template_notify,
        (
            Words("Change who is told of a template's tasks", "修改流程模板的通知配置"),
            Words("When they have finished or failed.", "任务执行成功或失败时的通知。"),
        ),
        scope=EDIT,
    )


def register_template_copying(components: Components, service: TemplateCopying) -> None:
    components.change(
        "/copy_template_across_project/{bk_biz_id}",
        schemas.CopyTemplates,
        schemas.ImportedTemplates,
        service.copy_template_across_project,
        (
            Words("Copy templates into another project", "跨项目复制流程模板"),
            Words(
                "Each becomes a flow there; what can't run yet stays a draft.",
                "每个模板在目标项目中成为一个流程；暂不能执行的保留为草稿。",
            ),
        ),
        scope=EDIT,
    )


def register_template_sharing(components: Components, service: TemplateSharing) -> None:
    components.change(
        "/import_common_template",
        schemas.ImportCommonTemplates,
        schemas.ImportedTemplates,
        service.import_common_template,
        (
            Words("Import common templates", "导入公共流程模板"),
            Words(
                "Each becomes a flow of the named project that all may launch; what can't run yet stays a draft.",
                "每个模板成为指定项目中的一个流程并共享给所有项目；暂不能执行的保留为草稿。",
            ),
        ),
        scope=EDIT,
    )


def register_template_components(
    components: Components, service: TemplateComponents, common: CommonTemplateComponents, making: TemplateMaking
) -> None:
    components.read(
        "/get_template_list/{bk_biz_id}",
        schemas.ListTemplates,
        list[schemas.ListedTemplate],
        service.get_template_list,
        (Words("List templates", "查询模板列表"), Words("Published flows of a project.", "项目中已发布的流程。")),
    )
    components.read(
        "/get_template_info/{template_id}/{bk_biz_id}",
        schemas.GetTemplate,
        schemas.DescribedTemplate,
        service.get_template_info,
        (
            Words("Read a template", "查询模板详情"),
            Words("With its pipeline tree, or as YAML.", "包含流程树，可选 YAML。"),
        ),
    )
    components.read(
        "/get_common_template_list",
        schemas.ListCommonTemplates,
        list[schemas.CommonTemplateSummary],
        common.get_common_template_list,
        (
            Words("List common templates", "查询公共模板列表"),
            Words("Flows shared with a project of the person.", "共享给用户所在项目的流程。"),
        ),
    )
    components.read(
        "/get_common_template_info/{template_id}",
        schemas.OfCommonTemplate,
        schemas.CommonTemplateDetail,
        common.get_common_template_info,
        (
            Words("Read a common template", "查询公共模板详情"),
            Words("With its pipeline tree.", "包含流程树。"),
        ),
    )
    components.read(
        "/get_template_schemes/{bk_biz_id}/{template_id}",
        schemas.ListSchemes,
        list[schemas.DetailedScheme | schemas.SchemeRow],
        service.get_template_schemes,
        (
            Words("List the schemes of a template", "查询模板的执行方案"),
            Words("Saved selections of its optional nodes.", "已保存的可选节点选择。"),
        ),
    )
    components.read(
        "/preview_common_task_tree/{bk_biz_id}/{template_id}",
        schemas.PreviewCommonTree,
        schemas.Preview,
        service.preview_task_tree,
        (
            Words("Preview a task of a common template", "预览公共流程任务树"),
            Words("Without some optional nodes.", "排除部分可选节点后的流程树。"),
        ),
        method="POST",
    )
    components.read(
        "/preview_task_tree/{bk_biz_id}/{template_id}",
        schemas.PreviewTree,
        schemas.Preview,
        service.preview_task_tree,
        (
            Words("Preview a task", "预览任务流程树"),
            Words("The tree without some optional nodes.", "去除部分可选节点后的流程树。"),
        ),
        method="POST",
    )
    components.change(
        "/create_template/{bk_biz_id}",
        schemas.CreateTemplate,
        schemas.CreatedTemplate,
        making.create_template,
        (
            Words("Create a template", "创建模板"),
            Words("A flow from a pipeline tree, published at once.", "由流程树创建流程并立即发布。"),
        ),
        scope=EDIT,
    )
    components.change(
        "/import_project_template/{bk_biz_id}",
        schemas.ImportTemplates,
        schemas.ImportedTemplates,
        making.import_project_template,
        (
            Words("Import templates", "导入业务流程模板"),
            Words(
                "Each becomes a flow; what can't run yet stays a draft.",
                "每个模板成为一个流程；暂不能执行的保留为草稿。",
            ),
        ),
        scope=EDIT,
    )
