"""Which machines a job is for, and which of them are this one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import ParameterWrong
from adapters.job.service.schemas import Scoped, TargetServer
from kernel.contracts.hosts import HostDirectory, HostSummary
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
    """The targets, each once.

    Raises:
        ParameterWrong: none, unknown ones, those of another business, or a way of naming them that isn't offered.
    """
    for name, asked in (("dynamic_group_list", server.dynamic_group_list), ("topo_node_list", server.topo_node_list)):
        if asked:
            raise ParameterWrong(f"{field}.{name}", "isn't resolved here; send host_id_list or ip_list")
    if server.host_id_list:
        found = await hosts.by_ids(session, server.host_id_list)
        missing = [str(host_id) for host_id in server.host_id_list if host_id not in found]
        if missing:
            raise ParameterWrong(f"{field}.host_id_list", f"the inventory has no host {', '.join(missing)}")
        summaries = [found[host_id] for host_id in dict.fromkeys(server.host_id_list)]
        _refuse_strangers(summaries, scope, f"{field}.host_id_list")
        return [Target(host.host_id, host.cloud_id, host.ip) for host in summaries]
    if not server.ip_list:
        raise ParameterWrong(field, "names no host; send host_id_list or ip_list")
    places = list(dict.fromkeys((one.bk_cloud_id, one.ip) for one in server.ip_list))
    known = await hosts.by_addresses(session, places)
    _refuse_strangers(known.values(), scope, f"{field}.ip_list")
    return [Target(known[place].host_id if place in known else None, *place) for place in places]


def _refuse_strangers(hosts: Iterable[HostSummary], scope: Scoped, field: str) -> None:
    """A job of a business reaches no host that the inventory has elsewhere."""
    if scope.bk_scope_type != "biz":
        return
    strangers = sorted(host.host_id for host in hosts if str(host.business_id) != scope.bk_scope_id)
    if strangers:
        listed = ", ".join(str(host_id) for host_id in strangers)
        raise ParameterWrong(field, f"not in business {scope.bk_scope_id}: host {listed}")
