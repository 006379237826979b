"""Which machines a job is for, and which of them are this one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import ParameterWrong
from adapters.job.service.schemas import MAX_HOSTS, Scoped, TargetServer
from kernel.contracts.hosts import HostDirectory, HostSummary, HostsUnknown
from kernel.machine import is_own_address

DIRECT = 0
"""The network area whose addresses mean what they say here."""
_OWN = "own"


@dataclass(frozen=True, slots=True)
class Target:
    """Attributes:
    host_id: the inventory's, if the host stands there.
    """

    host_id: int | None
    cloud_id: int
    ip: str


class LocalHosts:
    """The hosts that are this machine, as the configuration declares them: only there we run scripts without SSH.

    Args:
        declared: addresses; `own` stands for all that this machine has.
    """

    def __init__(self, declared: Collection[str]) -> None:
        self._declared = frozenset(declared)

    def has(self, target: Target) -> bool:
        if target.cloud_id != DIRECT:
            return False
        return target.ip in self._declared or (_OWN in self._declared and is_own_address(target.ip))


async def targets_of(
    session: AsyncSession, hosts: HostDirectory, scope: Scoped, server: TargetServer, *, field: str = "target_server"
) -> Sequence[Target]:
    """The targets, each once: those named one by one, then those the inventory has in places and groups now.

    Raises:
        ParameterWrong: none, too many, unknown ones, or those of another business.
    """
    found = [
        *await _named(session, hosts, scope, server, field),
        *await _in_places(session, hosts, scope, server, field),
        *await _in_groups(session, hosts, scope, server, field),
    ]
    targets = list({(target.cloud_id, target.ip): target for target in reversed(found)}.values())[::-1]
    if not targets:
        ways = "host_id_list, ip_list, topo_node_list or dynamic_group_list"
        raise ParameterWrong(field, f"names no host; send {ways}")
    if len(targets) > MAX_HOSTS:
        raise ParameterWrong(field, f"means {len(targets)} hosts; at most {MAX_HOSTS} are worked on by one step")
    return targets


async def _named(
    session: AsyncSession, hosts: HostDirectory, scope: Scoped, server: TargetServer, field: str
) -> Sequence[Target]:
    if server.host_id_list:
        found = await hosts.by_ids(session, server.host_id_list)
        missing = [str(host_id) for host_id in server.host_id_list if host_id not in found]
        if missing:
            raise ParameterWrong(f"{field}.host_id_list", f"the inventory has no host {', '.join(missing)}")
        summaries = [found[host_id] for host_id in dict.fromkeys(server.host_id_list)]
        return _targets(summaries, scope, f"{field}.host_id_list")
    if not server.ip_list:
        return []
    places = list(dict.fromkeys((one.bk_cloud_id, one.ip) for one in server.ip_list))
    known = await hosts.by_addresses(session, places)
    _refuse_strangers(known.values(), scope, f"{field}.ip_list")
    return [Target(known[place].host_id if place in known else None, *place) for place in places]


async def _in_places(
    session: AsyncSession, hosts: HostDirectory, scope: Scoped, server: TargetServer, field: str
) -> Sequence[Target]:
    if not server.topo_node_list:
        return []
    places = dict.fromkeys((node.node_type, node.id) for node in server.topo_node_list)
    try:
        found = await hosts.in_places(session, places)
    except HostsUnknown as unknown:
        raise ParameterWrong(f"{field}.topo_node_list", str(unknown)) from None
    return _targets(found, scope, f"{field}.topo_node_list")


async def _in_groups(
    session: AsyncSession, hosts: HostDirectory, scope: Scoped, server: TargetServer, field: str
) -> Sequence[Target]:
    if not server.dynamic_group_list:
        return []
    try:
        found = await hosts.in_groups(session, dict.fromkeys(group.id for group in server.dynamic_group_list))
    except HostsUnknown as unknown:
        raise ParameterWrong(f"{field}.dynamic_group_list", str(unknown)) from None
    return _targets(found, scope, f"{field}.dynamic_group_list")


def _targets(found: Sequence[HostSummary], scope: Scoped, field: str) -> Sequence[Target]:
    _refuse_strangers(found, scope, field)
    return [Target(host.host_id, host.cloud_id, host.ip) for host in found]


def _refuse_strangers(hosts: Iterable[HostSummary], scope: Scoped, field: str) -> None:
    """A job of a business reaches no host that the inventory has elsewhere."""
    if scope.bk_scope_type != "biz":
        return
    strangers = sorted(host.host_id for host in hosts if str(host.business_id) != scope.bk_scope_id)
    if strangers:
        listed = ", ".join(str(host_id) for host_id in strangers)
        raise ParameterWrong(field, f"not in business {scope.bk_scope_id}: host {listed}")
