"""The component of choices of hosts."""

from adapters.cmdb.service.host_choices import schemas
from adapters.cmdb.service.host_choices.service import HostChoiceService
from adapters.cmdb.service.scopes import READ
from kernel.host_choices import ResolvedHosts
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words


def register_host_choices(app: ComponentApp, choices: HostChoiceService) -> None:
    app.read(
        "resolve_hosts",
        schemas.ResolveHosts,
        ResolvedHosts,
        choices.resolve,
        scope=READ,
        summary=Words("Which hosts a choice comes to", "解析主机选择"),
        description=Words(
            "By address, place and dynamic group, as variables of Standard OPS keep a choice; at most 5000 hosts.",
            "按 IP、拓扑节点与动态分组选择主机，格式同标准运维的 IP 选择器变量；最多 5000 台。",
        ),
    )
