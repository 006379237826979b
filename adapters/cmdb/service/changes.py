"""What the inventory lets callers make and alter. Each change is written down by `ChangeLog`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service import schemas
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.attributes.values import CustomValues
from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.errors import Duplicate, ParameterWrong, TransferRefused
from adapters.cmdb.service.fields import record_of
from adapters.cmdb.service.models import FAULT, IDLE, NORMAL, RECYCLE, Business, Host, HostSet, Module, relation
from adapters.cmdb.service.repository import InventoryRepository
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.machine import MachineFacts, machine_facts

_INTERNAL_SET = "idle pool"
_INTERNAL_MODULES = {IDLE: "idle", FAULT: "fault", RECYCLE: "recycle"}
_OS_TYPES = {"linux": "1", "windows": "2", "aix": "3"}
_LEARNED_FROM_ITSELF = "2"


class InventoryChanges:
    def __init__(
        self, repository: InventoryRepository, attributes: AttributeRepository, log: ChangeLog, clock: Clock
    ) -> None:
        self._repository = repository
        self._attributes = attributes
        self._log = log
        self._values = CustomValues(attributes)
        self._clock = clock

    async def create_business(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateBusiness) -> Any:
        """A business with its internal set of idle, fault and recycle modules."""
        custom = await self._values.of_new(session, "biz", asked.data.others, "data")
        business = Business(**asked.data.own, custom=custom, **self._times())
        await self._repository.add(session, [business], f"The business name {business.bk_biz_name} is taken")
        internal = HostSet(bk_biz_id=business.bk_biz_id, bk_set_name=_INTERNAL_SET, default=1, **self._times())
        await self._repository.add(session, [internal], "The business has its internal set already")
        modules = [
            Module(
                bk_biz_id=business.bk_biz_id,
                bk_set_id=internal.bk_set_id,
                bk_module_name=name,
                default=kind,
                **self._times(),
            )
            for kind, name in _INTERNAL_MODULES.items()
        ]
        await self._repository.add(session, modules, "The business has its internal modules already")
        return await self._made(session, caller, "biz", business)

    async def create_set(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateSet) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        custom = await self._values.of_new(session, "set", asked.data.others, "data")
        made = HostSet(bk_biz_id=asked.bk_biz_id, **asked.data.own, custom=custom, **self._times())
        await self._repository.add(session, [made], f"The set name {made.bk_set_name} is taken in this business")
        return await self._made(session, caller, "set", made)

    async def create_module(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateModule) -> Any:
        inside = await self._repository.set_of(session, asked.bk_biz_id, asked.bk_set_id)
        if inside.default != NORMAL:
            raise ParameterWrong("bk_set_id", "the set of the internal modules takes no others")
        custom = await self._values.of_new(session, "module", asked.data.others, "data")
        made = Module(
            bk_biz_id=asked.bk_biz_id, bk_set_id=asked.bk_set_id, **asked.data.own, custom=custom, **self._times()
        )
        await self._repository.add(session, [made], f"The module name {made.bk_module_name} is taken in this set")
        return await self._made(session, caller, "module", made)

    async def update_business(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateBusiness) -> Any:
        business = await self._repository.business(session, asked.bk_biz_id)
        taken = f"The business name {asked.data.bk_biz_name} is taken"
        await self._change(session, caller, "biz", business, asked.data, taken)
        return {}

    async def update_set(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateSet) -> Any:
        found = await self._repository.set_of(session, asked.bk_biz_id, asked.bk_set_id)
        taken = f"The set name {asked.data.bk_set_name} is taken in this business"
        await self._change(session, caller, "set", found, asked.data, taken)
        return {}

    async def update_module(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateModule) -> Any:
        found = await self._repository.module_of(session, asked.bk_biz_id, asked.bk_set_id, asked.bk_module_id)
        taken = f"The module name {asked.data.bk_module_name} is taken in this set"
        await self._change(session, caller, "module", found, asked.data, taken)
        return {}

    async def add_host_to_resource(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.AddHostToResource
    ) -> Any:
        hosts = await self._add_hosts(session, caller, list(asked.host_info.values()))
        return {"bk_host_ids": [host.bk_host_id for host in hosts]}

    async def add_host_to_business_idle(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.AddHostToBusinessIdle
    ) -> Any:
        await self._repository.business(session, asked.bk_biz_id)
        hosts = await self._add_hosts(session, caller, asked.bk_host_list)
        await self._put_into_idle(session, caller, hosts, asked.bk_biz_id)
        return {"bk_host_ids": [host.bk_host_id for host in hosts]}

    async def add_local_host_to_business_idle(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfBusiness
    ) -> Any:
        """The machine this system runs on, with its facts; a second call refreshes them."""
        await self._repository.business(session, asked.bk_biz_id)
        facts = machine_facts()
        present = await self._repository.host_at(session, 0, facts.addresses[0])
        if present is None:
            new = schemas.NewHost(bk_host_innerip=facts.addresses[0], **_properties(facts).sent)
            (host,) = await self._add_hosts(session, caller, [new])
            await self._put_into_idle(session, caller, [host], asked.bk_biz_id)
            return record_of(host, await self._attributes.fields(session, "host"))
        if present.bk_biz_id not in {0, asked.bk_biz_id}:
            raise TransferRefused(f"This machine belongs to business {present.bk_biz_id}; take it out there first")
        if present.bk_biz_id == 0:
            await self._put_into_idle(session, caller, [present], asked.bk_biz_id)
        await self._change(session, caller, "host", present, _properties(facts))
        return record_of(present, await self._attributes.fields(session, "host"))

    async def update_host(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateHost) -> Any:
        ids = await self._repository.named_ids(session, asked, asked.bk_host_id, asked.bk_biz_id)
        for host in await self._repository.hosts_for_change(session, ids):
            await self._change(session, caller, "host", host, asked.data)
        return {}

    async def batch_update_host(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.BatchUpdateHost
    ) -> Any:
        """Each host its own values; of one that is named twice the later ones stay."""
        hosts = await self._repository.hosts_for_change(session, (one.bk_host_id for one in asked.update))
        by_id = {host.bk_host_id: host for host in hosts}
        for one in asked.update:
            await self._change(session, caller, "host", by_id[one.bk_host_id], one.properties)
        return {}

    async def _add_hosts(
        self, session: AsyncSession, caller: SignedCaller, given: Sequence[schemas.NewHost]
    ) -> Sequence[Host]:
        await self._repository.refuse_unknown_areas(session, (one.bk_cloud_id for one in given))
        for one in given:
            present = await self._repository.host_at(session, one.bk_cloud_id, one.bk_host_innerip)
            if present is not None:
                raise Duplicate(f"{one.bk_host_innerip} is host {present.bk_host_id} already")
        hosts = []
        for number, one in enumerate(given):
            custom = await self._values.of_new(session, "host", one.others, f"host {number}")
            hosts.append(Host(**one.own, custom=custom, **self._times()))
        await self._repository.add(session, hosts, "Two of the hosts have the same address")
        await self._log.created(session, caller, "host", hosts)
        return hosts

    async def _put_into_idle(
        self, session: AsyncSession, caller: SignedCaller, hosts: Sequence[Host], business_id: int
    ) -> None:
        idle = await self._repository.internal_module(session, business_id, IDLE)
        for host in hosts:
            host.bk_biz_id = business_id
        places = [relation(host.bk_host_id, idle) for host in hosts]
        session.add_all(places)
        self._log.placed(session, caller, places)

    async def _change(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        object_id: str,
        row: Business | HostSet | Module | Host,
        data: schemas.WithCustom,
        taken: str = "",
    ) -> None:
        """Takes over the fields that were sent. `taken` is told when another object has a unique one of them."""
        known = await self._attributes.fields(session, object_id)
        custom, names = await self._values.changed(session, object_id, data.others, row.custom, "data")
        changed = [*data.sent, *names]
        if not changed:
            raise ParameterWrong("data", f"names no field to change; there are {', '.join(known)}")
        before = record_of(row, known, changed)
        for name, value in data.sent.items():
            setattr(row, name, value)
        row.custom, row.last_time = custom, self._clock.now()
        await self._repository.flush(session, taken)
        await self._log.updated(session, caller, object_id, [(row, before)])

    async def _made(
        self, session: AsyncSession, caller: SignedCaller, object_id: str, row: Business | HostSet | Module
    ) -> dict[str, Any]:
        (made,) = await self._log.created(session, caller, object_id, [row])
        return made

    def _times(self) -> dict[str, Any]:
        now = self._clock.now()
        return {"create_time": now, "last_time": now}


def _properties(facts: MachineFacts) -> schemas.HostProperties:
    return schemas.HostProperties(
        bk_host_name=facts.hostname[:256],
        bk_os_type=_OS_TYPES.get(facts.os_type),
        bk_os_name=facts.os_name[:256],
        bk_os_version=facts.os_version[:256],
        bk_os_bit=facts.architecture[:32],
        bk_cpu=facts.cpu_count,
        bk_mem=facts.memory_mb,
        bk_disk=facts.disk_gb,
        import_from=_LEARNED_FROM_ITSELF,
    )
