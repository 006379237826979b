"""The components of attributes."""

from adapters.cmdb.service.answers import Nothing
from adapters.cmdb.service.attributes import schemas
from adapters.cmdb.service.attributes.service import AttributeService
from adapters.cmdb.service.scopes import READ, WRITE
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_attributes(app: ComponentApp, attributes: AttributeService) -> None:
    app.read(
        "search_object_attribute",
        schemas.SearchAttributes,
        list[schemas.Attribute],
        attributes.search,
        scope=READ,
        summary=Words("Attributes of an object", "查询对象属性"),
        description=Words(
            "The fields of biz, set, module or host, custom ones last.",
            "业务、集群、模块或主机的字段，自定义字段在后。",
        ),
    )
    app.change(
        "create_object_attribute",
        schemas.CreateAttribute,
        schemas.MadeAttribute,
        attributes.create,
        scope=WRITE,
        summary=Words("Create an attribute", "创建对象属性"),
        description=Words("A field of a type that people give to an object.", "为对象新增一个有类型的自定义字段。"),
    )
    app.change(
        "update_object_attribute",
        schemas.UpdateAttribute,
        Nothing,
        attributes.update,
        scope=WRITE,
        summary=Words("Update an attribute", "修改对象属性"),
        description=Words(
            "Its name, group, unit, hint, and whether it is required.", "修改名称、分组、单位、提示与是否必填。"
        ),
    )
    app.change(
        "delete_object_attribute",
        schemas.OfAttribute,
        Nothing,
        attributes.delete,
        scope=WRITE,
        summary=Words("Delete an attribute", "删除对象属性"),
        description=Words("A custom one, with its values.", "删除自定义字段及其值。"),
    )
