"""The components about templates."""

from typing import Final

from adapters.notify.service import schemas as shared
from adapters.notify.service.templates import schemas
from adapters.notify.service.templates.service import TemplateService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "notify:read"
_MANAGE: Final = "notify:manage"


def register_template_components(app: ComponentApp, templates: TemplateService) -> None:
    app.change(
        "save_template",
        schemas.SaveTemplate,
        schemas.TemplateVersionName,
        templates.save_template,
        scope=_MANAGE,
        summary=Words("Save a template", "保存模板"),
        description=Words(
            "As a new version, with texts in English, Chinese or both; `${name}` stands for a value.",
            "保存为新版本，可包含英文、中文文本；`${名称}` 代表变量值。",
        ),
    )
    app.read(
        "list_templates",
        shared.Nothing,
        list[schemas.TemplateSummary],
        templates.list_templates,
        scope=_READ,
        summary=Words("List templates", "查询模板"),
        description=Words("The newest version of each.", "各模板的最新版本。"),
    )
    app.read(
        "get_template",
        schemas.OfTemplate,
        schemas.TemplateView,
        templates.get_template,
        scope=_READ,
        summary=Words("Read a template", "查询模板详情"),
        description=Words("With its texts and the values it needs.", "包含文本与所需变量。"),
    )
    app.read(
        "preview_template",
        schemas.PreviewTemplate,
        schemas.Preview,
        templates.preview_template,
        scope=_READ,
        summary=Words("Preview a template", "预览模板"),
        description=Words("Of a kept one, or of a text that is still being written.", "预览已保存或编辑中的文本。"),
    )
    app.change(
        "delete_template",
        schemas.TemplateOnly,
        schemas.TemplateVersionName,
        templates.delete_template,
        scope=_MANAGE,
        summary=Words("Delete a template", "删除模板"),
        description=Words("With all its versions.", "删除全部版本。"),
    )
