"""Carries out what was planned, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.change_log import ChangeLog
from adapters.cmdb.service.imports.models import HostOrigin
from adapters.cmdb.service.imports.planning import HostPlan, ImportPlan
from adapters.cmdb.service.imports.repository import ImportRepository, in_parts
from adapters.cmdb.service.models import IDLE, RESOURCE_POOL, Host, HostModule, Module, relation
from adapters.cmdb.service.repository import InventoryRepository
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where hosts come from.

    Attributes:
        import_from: the same as a property of the host: 1 a file, 2 the host itself, 3 an API.
    """

    source_id: str
    source_name: str
    run_id: str
    import_from: str


class ImportApplier:
    def __init__(self, inventory: InventoryRepository, imports: ImportRepository, log: ChangeLog, clock: Clock) -> None:
        self._inventory = inventory
        self._imports = imports
        self._log = log
        self._clock = clock

    async def apply(self, session: AsyncSession, caller: SignedCaller, plan: ImportPlan, origin: Provenance) -> None:
        """All of it or nothing: refused rows are none of it."""
        idle = None
        if plan.bk_biz_id != RESOURCE_POOL:
            idle = await self._inventory.internal_module(session, plan.bk_biz_id, IDLE)
        stated: list[tuple[HostPlan, int]] = []
        for part in in_parts(plan.hosts):
            made = await self._create(session, caller, plan.bk_biz_id, idle, part, origin)
            await self._change(session, caller, plan.bk_biz_id, idle, part)
            stated += [(each, host_id) for each, host_id in made]
            stated += [(each, each.host.bk_host_id) for each in part if each.host is not None]
        for chunk in in_parts(stated):
            await self._note_origins(session, chunk, origin)

    async def _create(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        business_id: int,
        idle: Module | None,
        part: Sequence[HostPlan],
        origin: Provenance,
    ) -> list[tuple[HostPlan, int]]:
        new = [plan for plan in part if plan.host is None]
        if not new:
            return []
        now = self._clock.now()
        hosts = [
            Host(
                bk_biz_id=business_id,
                bk_host_innerip=plan.row.address,
                bk_cloud_id=plan.row.cloud_id,
                custom=dict(plan.custom),
                import_from=origin.import_from,
                create_time=now,
                last_time=now,
                **plan.own,
            )
            for plan in new
        ]
        await self._inventory.add(session, hosts, "A host with one of the addresses was added meanwhile")
        await self._log.created(session, caller, "host", hosts)
        places = [
            relation(host.bk_host_id, module)
            for plan, host in zip(new, hosts, strict=True)
            for module in plan.modules or ((idle,) if idle is not None else ())
        ]
        session.add_all(places)
        self._log.placed(session, caller, places)
        return [(plan, host.bk_host_id) for plan, host in zip(new, hosts, strict=True)]

    async def _change(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        business_id: int,
        idle: Module | None,
        part: Sequence[HostPlan],
    ) -> None:
        changes: list[tuple[Host, Mapping[str, Any]]] = []
        moves: list[tuple[Host, Sequence[Module]]] = []
        for plan in part:
            host = plan.host
            if host is None or plan.action != "change":
                continue
            if plan.before:
                for name, value in plan.own.items():
                    setattr(host, name, value)
                host.custom, host.last_time = {**host.custom, **plan.custom}, self._clock.now()
                changes.append((host, plan.before))
            joins = business_id not in {RESOURCE_POOL, host.bk_biz_id}
            if joins:
                host.bk_biz_id = business_id
            if plan.modules is not None:
                moves.append((host, plan.modules))
            elif joins and idle is not None:
                moves.append((host, (idle,)))
        await session.flush()
        await self._log.updated(session, caller, "host", changes)
        await self._move(session, caller, moves)

    async def _move(
        self, session: AsyncSession, caller: SignedCaller, moves: Sequence[tuple[Host, Sequence[Module]]]
    ) -> None:
        before: dict[int, list[HostModule]] = {}
        for place in await self._inventory.relations(session, [host.bk_host_id for host, _ in moves]):
            session.expunge(place)  # its row may be written anew
            before.setdefault(place.bk_host_id, []).append(place)
        await self._inventory.leave(session, before)
        for host, modules in moves:
            after = [relation(host.bk_host_id, module) for module in modules]
            session.add_all(after)
            self._log.moved(session, caller, host, before.get(host.bk_host_id, ()), after)
        await session.flush()

    async def _note_origins(
        self, session: AsyncSession, part: Sequence[tuple[HostPlan, int]], origin: Provenance
    ) -> None:
        now = self._clock.now()
        known = await self._imports.origins_of(session, origin.source_id, [host_id for _, host_id in part])
        for plan, host_id in part:
            noted = known.get(host_id)
            if noted is None:
                noted = HostOrigin(
                    bk_host_id=host_id, source_id=origin.source_id, source_name=origin.source_name,
                    external_id=plan.row.external_id, run_id=origin.run_id, first_seen_at=now, last_seen_at=now,
                )  # fmt: skip
                session.add(noted)
                continue
            noted.source_name, noted.external_id, noted.run_id = origin.source_name, plan.row.external_id, origin.run_id
            noted.last_seen_at, noted.missing_since = now, None
