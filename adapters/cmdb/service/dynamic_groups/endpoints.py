"""The components of dynamic groups."""

from adapters.cmdb.service.answers import Nothing
from adapters.cmdb.service.dynamic_groups import schemas
from adapters.cmdb.service.dynamic_groups.service import DynamicGroupService
from adapters.cmdb.service.scopes import READ, WRITE
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_dynamic_groups(app: ComponentApp, groups: DynamicGroupService) -> None:
    app.change(
        "create_dynamic_group",
        schemas.CreateGroup,
        schemas.CreatedGroup,
        groups.create,
        scope=WRITE,
        summary=Words("Create a dynamic group", "创建动态分组"),
        description=Words("Hosts or sets of a business by conditions.", "按条件动态确定业务下的主机或集群。"),
    )
    app.change(
        "update_dynamic_group",
        schemas.UpdateGroup,
        Nothing,
        groups.update,
        scope=WRITE,
        summary=Words("Change a dynamic group", "更新动态分组"),
        description=Words("Its name or its conditions.", "修改名称或条件。"),
    )
    app.change(
        "delete_dynamic_group",
        schemas.OfGroup,
        Nothing,
        groups.delete,
        scope=WRITE,
        summary=Words("Delete a dynamic group", "删除动态分组"),
        description=Words("What belongs to it stays.", "分组内的资源不受影响。"),
    )
    app.read(
        "get_dynamic_group",
        schemas.OfGroup,
        schemas.GroupRecord,
        groups.get,
        scope=READ,
        summary=Words("A dynamic group", "查询指定动态分组"),
        description=Words("With its conditions.", "包含条件。"),
    )
    app.read(
        "search_dynamic_group",
        schemas.SearchGroup,
        schemas.Groups,
        groups.search,
        scope=READ,
        summary=Words("Search dynamic groups", "搜索动态分组"),
        description=Words("Those of a business, at most 200 a page.", "查询业务的动态分组，每页最多 200 条。"),
    )
    app.read(
        "execute_dynamic_group",
        schemas.ExecuteGroup,
        schemas.GroupMembers,
        groups.execute,
        scope=READ,
        summary=Words("Who belongs to a dynamic group", "执行动态分组"),
        description=Words("Now, at most 200 a page.", "返回当前属于分组的资源，每页最多 200 条。"),
    )
