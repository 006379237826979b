"""The calls of BK-CMDB that have a component, from its own documents.

Source: TencentBlueKing/bk-cmdb, docs/apidoc/apigw/open (paths, parameters), docs/apidoc/cc/cc.yaml; for the components
that the ESB codes, TencentBlueKing/blueking-apigateway, src/esb/esb/components/bk/apisv2/cc.
"""

from typing import Final

from tests.support.blueking_systems.documented import Call

_BIZ: Final = {"bk_biz_id": "int"}
_ACCOUNT: Final = {"bk_supplier_account": "str"}
_SEARCH: Final = {"fields": "list", "condition": "dict", "page": "dict"}
_HOSTS: Final = {"fields": "list", "host_property_filter": "dict"}
_MOVE: Final = {**_BIZ, "bk_host_id": "list"}
_PAGE: Final = {"page": "dict"}

CALLS: Final = {
    "search_business": Call(
        "POST /api/v3/biz/search/{bk_supplier_account}", {}, {**_SEARCH, "biz_property_filter": "dict", **_ACCOUNT}
    ),
    "search_set": Call("POST /api/v3/set/search/{bk_supplier_account}/{bk_biz_id}", _BIZ, {**_SEARCH, **_ACCOUNT}),
    "search_module": Call(
        "POST /api/v3/module/search/{bk_supplier_account}/{bk_biz_id}/{_set}",
        _BIZ,
        {**_SEARCH, **_ACCOUNT, "bk_set_id": "int"},
    ),
    "search_host": Call(None, {}, {**_BIZ, "ip": "dict", "condition": "list", "page": "dict", "pattern": "str"}),
    "list_biz_hosts": Call(
        "POST /api/v3/hosts/app/{bk_biz_id}/list_hosts",
        {**_BIZ, **_PAGE},
        {**_HOSTS, "bk_set_ids": "list", "bk_module_ids": "list", "set_cond": "list", "module_cond": "list"},
    ),
    "list_biz_hosts_topo": Call(
        "POST /api/v3/hosts/app/{bk_biz_id}/list_hosts_topo",
        {**_BIZ, **_PAGE},
        {**_HOSTS, "set_property_filter": "dict", "module_property_filter": "dict"},
    ),
    "list_hosts_without_biz": Call("POST /api/v3/hosts/list_hosts_without_app", _PAGE, _HOSTS),
    "get_biz_internal_module": Call(
        "GET /api/v3/topo/internal/{bk_supplier_account}/{bk_biz_id}", _BIZ, _ACCOUNT, method="GET"
    ),
    "search_biz_inst_topo": Call(
        "POST /api/v3/find/topoinst/biz/{bk_biz_id}", _BIZ, {"level": "int", **_ACCOUNT}, method="GET"
    ),
    "find_host_topo_relation": Call(
        "POST /api/v3/host/topo/relation/read",
        {**_BIZ, **_PAGE},
        {"bk_set_ids": "list", "bk_module_ids": "list", "bk_host_ids": "list"},
    ),
    "find_host_biz_relations": Call("POST /api/v3/hosts/modules/read", {"bk_host_id": "list"}, _BIZ),
    "transfer_host_module": Call(
        "POST /api/v3/hosts/modules", {**_MOVE, "bk_module_id": "list", "is_increment": "bool"}
    ),
    "transfer_host_to_idlemodule": Call("POST /api/v3/hosts/modules/idle", _MOVE),
    "transfer_host_to_faultmodule": Call("POST /api/v3/hosts/modules/fault", _MOVE),
    "transfer_host_to_recyclemodule": Call("POST /api/v3/hosts/modules/recycle", _MOVE),
    "search_object_attribute": Call("POST /api/v3/find/objectattr", {}, {"bk_obj_id": "str", **_BIZ}),
    "search_cloud_area": Call("POST /api/v3/findmany/cloudarea", _PAGE, {"condition": "dict", "fields": "list"}),
    "create_set": Call("POST /api/v3/set/{bk_biz_id}", {**_BIZ, "data": "dict"}, _ACCOUNT, body="data"),
    "update_set": Call(
        "PUT /api/v3/set/{bk_biz_id}/{bk_set_id}", {**_BIZ, "bk_set_id": "int", "data": "dict"}, {}, body="data"
    ),
    "delete_set": Call("DELETE /api/v3/set/{bk_biz_id}/{bk_set_id}", {**_BIZ, "bk_set_id": "int"}),
}
DIRECT: Final = {
    "search_host": Call("POST /api/v3/hosts/search", CALLS["search_host"].needs, CALLS["search_host"].takes),
}
"""What the system itself answers, and its gateway does not offer."""
