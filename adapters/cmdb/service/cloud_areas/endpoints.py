"""The components of cloud areas."""

from adapters.cmdb.service.answers import Nothing
from adapters.cmdb.service.cloud_areas import schemas
from adapters.cmdb.service.cloud_areas.service import CloudAreaService
from adapters.cmdb.service.scopes import READ, WRITE
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_cloud_areas(app: ComponentApp, areas: CloudAreaService) -> None:
    app.read(
        "search_cloud_area",
        schemas.SearchCloudArea,
        schemas.CloudAreas,
        areas.search,
        scope=READ,
        summary=Words("Search cloud areas", "查询管控区域"),
        description=Words("Cloud areas by condition, at most 200 a page.", "按条件查询管控区域，每页最多 200 条。"),
    )
    app.change(
        "create_cloud_area",
        schemas.CreateCloudArea,
        schemas.CreatedCloudArea,
        areas.create,
        scope=WRITE,
        summary=Words("Create a cloud area", "创建管控区域"),
        description=Words("A network in which an address names one host.", "同一区域内，一个地址只对应一台主机。"),
    )
    app.change(
        "update_cloud_area",
        schemas.UpdateCloudArea,
        Nothing,
        areas.rename,
        scope=WRITE,
        summary=Words("Rename a cloud area", "修改管控区域名称"),
        description=Words("The default area 0 keeps its name.", "默认区域（0）的名称不可修改。"),
    )
    app.change(
        "delete_cloud_area",
        schemas.OfCloudArea,
        Nothing,
        areas.delete,
        scope=WRITE,
        summary=Words("Delete a cloud area", "删除管控区域"),
        description=Words("Only one without hosts.", "仅可删除没有主机的区域。"),
    )
