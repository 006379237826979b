"""What an import would do, host by host, and which rows it refuses. Changes nothing."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from adapters.cmdb.service.attributes.references import ids_in, referred_object, unknown
from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.imports.repository import ImportRepository
from adapters.cmdb.service.imports.rows import HostRow, RowProblem
from adapters.cmdb.service.imports.values import ADDRESS, PLACE
from adapters.cmdb.service.models import NORMAL, RESOURCE_POOL, CustomAttribute, Host, Module
from adapters.cmdb.service.repository import InventoryRepository

Action = Literal["create", "change", "same"]


@dataclass(frozen=True, slots=True)
class HostPlan:
    """Attributes:
    host: none when it is to be made.
    own, custom: what is taken over; custom values by attribute id, as rows keep them.
    before: of the changed fields, by name. modules: where it shall stand; none leaves it.
    """

    row: HostRow
    action: Action
    host: Host | None
    own: Mapping[str, Any]
    custom: Mapping[str, Any]
    before: Mapping[str, Any]
    modules: tuple[Module, ...] | None = None

    @property
    def shown(self) -> dict[str, Any]:
        after = {**self.row.properties, **self.row.custom}
        changes = [
            {"field": name, "before": value, "after": after[name]} for name, value in sorted(self.before.items())
        ]
        place = list(self.row.places) if self.modules is not None else []
        return {
            "row": self.row.number, "action": self.action, "bk_host_innerip": self.row.address,
            "bk_host_id": self.host.bk_host_id if self.host is not None else 0, "changes": changes, "place": place,
        }  # fmt: skip


@dataclass(slots=True)
class ImportPlan:
    bk_biz_id: int
    hosts: list[HostPlan] = field(default_factory=list)
    refused: list[RowProblem] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        actions = Counter(plan.action for plan in self.hosts)
        refused = len({problem.number for problem in self.refused})
        return {
            "created": actions["create"], "changed": actions["change"], "same": actions["same"], "refused": refused,
        }  # fmt: skip

    @property
    def digest(self) -> str:
        """The same for the same rows in the same inventory."""
        told = [plan.shown for plan in self.hosts], [problem.shown for problem in self.refused]
        text = json.dumps([self.bk_biz_id, told], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Inventory:
    """What rows are compared with.

    Attributes:
        places: `set/module`, and names of internal modules, to module.
        missing: by attribute, ids in rows that nothing has.
    """

    business_id: int
    present: Mapping[tuple[int, str], Host]
    standing: Mapping[int, frozenset[int]]
    areas: frozenset[int]
    places: Mapping[str, Module]
    custom: Mapping[str, CustomAttribute]
    missing: Mapping[str, frozenset[int]]


class ImportPlanner:
    def __init__(
        self, inventory: InventoryRepository, attributes: AttributeRepository, imports: ImportRepository
    ) -> None:
        self._inventory = inventory
        self._attributes = attributes
        self._imports = imports

    async def plan(
        self, session: AsyncSession, business_id: int, rows: Sequence[HostRow], wrong: Iterable[RowProblem] = ()
    ) -> ImportPlan:
        """Args:
        business_id: where new hosts go, and those of the resource pool that are named. 0 is the pool itself: hosts that
            are in a business already stay there.
        wrong: rows that could not be read as hosts.
        """
        known = await self._read(session, business_id, rows)
        plan, seen = ImportPlan(business_id, refused=list(wrong)), dict[tuple[int, str], int]()
        for row in rows:
            key = (row.cloud_id, row.address)
            first = seen.setdefault(key, row.number)
            if first != row.number:
                problem = RowProblem(row.number, ADDRESS, f"is that of row {first} too", "leave one of them out")
                plan.refused.append(problem)
                continue
            planned = _planned(row, known)
            if isinstance(planned, RowProblem):
                plan.refused.append(planned)
            else:
                plan.hosts.append(planned)
        plan.refused.sort(key=lambda problem: problem.number)
        return plan

    async def _read(self, session: AsyncSession, business_id: int, rows: Sequence[HostRow]) -> _Inventory:
        present = await self._imports.hosts_at(session, [(row.cloud_id, row.address) for row in rows])
        standing = await self._imports.standing(session, [host.bk_host_id for host in present.values()])
        places: dict[str, Module] = {}
        if business_id != RESOURCE_POOL:
            await self._inventory.business(session, business_id)
            sets = {one.bk_set_id: one.bk_set_name for one in await self._inventory.sets(session, business_id)}
            for module in await self._inventory.modules(session, col(Module.bk_biz_id) == business_id):
                inside = sets.get(module.bk_set_id)
                name = module.bk_module_name
                places[f"{inside}/{name}" if module.default == NORMAL else name] = module
        custom = {one.bk_property_id: one for one in await self._attributes.custom(session, "host")}
        areas = await self._imports.cloud_areas(session)
        missing = {}
        for name, referred in ((name, referred_object(one)) for name, one in custom.items()):
            if referred:
                ids = [one for row in rows for one in ids_in(row.custom.get(name))]
                missing[name] = frozenset(await unknown(session, referred, ids))
        return _Inventory(business_id, present, standing, areas, places, custom, missing)


def _planned(row: HostRow, known: _Inventory) -> HostPlan | RowProblem:
    if (absent := _absent(row, known)) is not None:
        return absent
    modules = _modules(row, known)
    if isinstance(modules, RowProblem):
        return modules
    host = known.present.get((row.cloud_id, row.address))
    custom = {str(known.custom[name].id): value for name, value in row.custom.items()}
    if host is None:
        missing = [one.bk_property_id for one in known.custom.values() if one.isrequired and str(one.id) not in custom]
        if missing:
            return RowProblem(row.number, missing[0], "is required for a new host", "give it a value")
        return HostPlan(row, "create", None, row.properties, custom, {}, modules)
    if known.business_id != RESOURCE_POOL and host.bk_biz_id not in {RESOURCE_POOL, known.business_id}:
        owner = f"is host {host.bk_host_id} of business {host.bk_biz_id}"
        return RowProblem(row.number, ADDRESS, owner, "move it here first, or leave the row out")
    return _changed(row, host, custom, modules, known)


def _absent(row: HostRow, known: _Inventory) -> RowProblem | None:
    """What the row names and is not there."""
    if row.cloud_id not in known.areas:
        return RowProblem(row.number, "bk_cloud_id", f"there is no cloud area {row.cloud_id}", "create it first")
    for name, missing in known.missing.items():
        if absent := missing.intersection(ids_in(row.custom.get(name))):
            return RowProblem(row.number, name, f"there is no instance {min(absent)}", "write ids of what is there")
    return None


def _changed(
    row: HostRow, host: Host, custom: Mapping[str, Any], modules: tuple[Module, ...] | None, known: _Inventory
) -> HostPlan:
    before = {name: getattr(host, name) for name, value in row.properties.items() if getattr(host, name) != value}
    for name in row.custom:
        kept = host.custom.get(str(known.custom[name].id))
        if kept != row.custom[name]:
            before[name] = kept
    own = {name: row.properties[name] for name in before if name in row.properties}
    stands = known.standing.get(host.bk_host_id, frozenset())
    if modules is not None and {module.bk_module_id for module in modules} == stands:
        modules = None
    joins = known.business_id not in {RESOURCE_POOL, host.bk_biz_id}
    action: Action = "change" if before or modules is not None or joins else "same"
    return HostPlan(row, action, host, own, custom, before, modules)


def _modules(row: HostRow, known: _Inventory) -> tuple[Module, ...] | RowProblem | None:
    if not row.places:
        return None
    if known.business_id == RESOURCE_POOL:
        return RowProblem(row.number, PLACE, "hosts of the resource pool stand nowhere", "say which business they join")
    unknown = [place for place in row.places if place not in known.places]
    if unknown:
        return RowProblem(row.number, PLACE, f"there is no {unknown[0]}", "write set/module, and create both first")
    modules = {known.places[place].bk_module_id: known.places[place] for place in row.places}
    if len(modules) > 1 and any(module.default != NORMAL for module in modules.values()):
        return RowProblem(
            row.number, PLACE, "idle, fault and recycle stand alone", "name one of them, or normal modules"
        )
    return tuple(modules.values())
