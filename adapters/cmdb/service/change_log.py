"""Writes down what changed, in the transaction of the change: in the audit log for people, as events for programs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.events.bell import Bell
from adapters.cmdb.service.events.models import InventoryEvent
from adapters.cmdb.service.fields import CLOUD_AREA, RELATION, Fields, record_of
from adapters.cmdb.service.models import Host, HostModule
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import after_commit
from kernel.http.signed_only import SignedCaller

_IDS: Final = {
    "biz": "bk_biz_id", "set": "bk_set_id", "module": "bk_module_id", "host": "bk_host_id", "plat": "bk_cloud_id",
}  # fmt: skip
_KINDS: Final = {
    "biz": "cmdb_business", "set": "cmdb_set", "module": "cmdb_module", "host": "cmdb_host", "plat": "cmdb_cloud_area",
}  # fmt: skip


class ChangeLog:
    """`resource` is always one of biz, set, module, host and plat, a cloud area."""

    def __init__(self, attributes: AttributeRepository, clock: Clock, bell: Bell) -> None:
        self._attributes = attributes
        self._clock = clock
        self._bell = bell

    async def created(
        self, session: AsyncSession, caller: SignedCaller, resource: str, rows: Sequence[SQLModel]
    ) -> list[dict[str, Any]]:
        """Rows that have their ids by now; answers them as callers see them."""
        known = await self._fields(session, resource)
        made = [record_of(row, known) for row in rows]
        for each in made:
            self._record(session, caller, resource, "created", each[_IDS[resource]], after=each)
            self._tell(session, caller, resource, "create", each)
        return made

    async def updated(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        resource: str,
        changes: Iterable[tuple[SQLModel, Mapping[str, Any]]],
    ) -> None:
        """Each row with what `record_of` had of the changed fields before."""
        known = await self._fields(session, resource)
        for row, before in changes:
            now = record_of(row, known)
            after = {name: now[name] for name in before}
            self._record(session, caller, resource, "updated", now[_IDS[resource]], before=before, after=after)
            self._tell(session, caller, resource, "update", now, list(before))

    async def deleted(self, session: AsyncSession, caller: SignedCaller, resource: str, row: SQLModel) -> None:
        last = record_of(row, await self._fields(session, resource))
        self._record(session, caller, resource, "deleted", last[_IDS[resource]], before=last)
        self._tell(session, caller, resource, "delete", last)

    def placed(self, session: AsyncSession, caller: SignedCaller, places: Iterable[HostModule]) -> None:
        """Where new hosts stand, whose making is written down already."""
        for place in places:
            self._tell(session, caller, "host_relation", "create", record_of(place, RELATION))

    def moved(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        host: Host,
        before: Iterable[HostModule],
        after: Iterable[HostModule],
    ) -> None:
        """A host that stands in other modules now."""
        was = {place.bk_module_id: record_of(place, RELATION) for place in before}
        stands = {place.bk_module_id: record_of(place, RELATION) for place in after}
        self._record(
            session, caller, "host", "transferred", host.bk_host_id,
            before={"bk_module_id": sorted(was)}, after={"bk_module_id": sorted(stands)},
        )  # fmt: skip
        for module_id in sorted(was.keys() - stands.keys()):
            self._tell(session, caller, "host_relation", "delete", was[module_id])
        for module_id in sorted(stands.keys() - was.keys()):
            self._tell(session, caller, "host_relation", "create", stands[module_id])

    async def _fields(self, session: AsyncSession, resource: str) -> Fields:
        return CLOUD_AREA if resource == "plat" else await self._attributes.fields(session, resource)

    def _record(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        resource: str,
        happened: str,
        row_id: int,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        kind = _KINDS[resource]
        record(session, caller.principal, f"{kind}.{happened}", kind, str(row_id), before=before, after=after)

    def _tell(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        resource: str,
        event_type: str,
        detail: dict[str, Any],
        changed_fields: Sequence[str] = (),
    ) -> None:
        session.add(
            InventoryEvent(
                resource=resource,
                event_type=event_type,
                detail=detail,
                changed_fields=list(changed_fields),
                request_id=caller.request_id,
                at=self._clock.now(),
            )
        )
        after_commit(session, self._bell.ring)
