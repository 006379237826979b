"""Components called by a person's own session: what the pages of a system in the console are made of."""

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.dataplane.followed_exchange import FollowedExchange
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.managed_systems import ManagedSystems, existing_stage
from gateway.registry.repository import components_of
from gateway.registry.shards import system_document
from gateway.registry.trials.gateway import TrialAnswer, TrialGateway, TrialRequest
from gateway.snapshot.model.documents import OpenSecret
from gateway.snapshot.model.matching import is_parameter, segments_of
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import Invalid, NotFound, PayloadTooLarge
from kernel.principal import Principal

CONSOLE_APP: Final = "trunkline-console"
"""Who calls. It exists in these calls alone."""

_LONGEST_ANSWER: Final = 64 * 1024 * 1024
_MOST_KEPT: Final = 16

_Key = tuple[str, str, int]


class ConsoleCallService:
    """Calls go through a data plane of their own, kept as long as the system's configuration stays the same."""

    def __init__(
        self,
        systems: ManagedSystems,
        open_secret: OpenSecret,
        allowed_origins: Iterable[str],
        issuer: str,
        clock: Clock,
    ) -> None:
        self._systems = systems
        self._open_secret = open_secret
        self._allowed_origins = tuple(allowed_origins)
        self._issuer = issuer
        self._clock = clock
        self._kept: OrderedDict[_Key, TrialGateway] = OrderedDict()

    async def call(
        self,
        database: Database,
        principal: Principal,
        system: str,
        stage: str,
        component: str,
        params: Mapping[str, Any],
    ) -> TrialAnswer:
        """Calls the component as the stage serves it, on the principal's behalf. One that changes anything is in the
        audit log before it is called.

        Raises:
            NotFound: no such system, stage or component.
            PermissionDenied: the principal doesn't manage the system.
            PayloadTooLarge: the answer is longer than is handed on.
        """
        found, gateway = await self._way(database, principal, system, stage, component)
        if not found.is_read:
            about = {"stage": stage, "component": component}
            async with database.unit_of_work() as session:
                record(session, principal, "component.called", "system", system, after=about)
        answer = await gateway.call(stage, found, _request(found, params), principal.id)
        if answer.truncated:
            raise PayloadTooLarge(f"{component} did not answer in time, or more than {_LONGEST_ANSWER >> 20} MiB")
        return answer

    async def follow(
        self,
        database: Database,
        principal: Principal,
        system: str,
        stage: str,
        component: str,
        params: Mapping[str, Any],
        last_event_id: str | None,
    ) -> FollowedExchange:
        """As `call`, for a component that answers events: what it sends is read while it comes.

        Raises:
            Invalid: the component changes something.
        """
        found, gateway = await self._way(database, principal, system, stage, component)
        if not found.is_read:
            raise Invalid.field("component", "changes something", f"Send POST to {component}:call")
        headers = {"last-event-id": last_event_id} if last_event_id else {}
        return await gateway.follow(stage, found, replace(_request(found, params), headers=headers), principal.id)

    async def aclose(self) -> None:
        while self._kept:
            await self._kept.popitem()[1].aclose()

    async def _way(
        self, database: Database, principal: Principal, system: str, stage: str, component: str
    ) -> tuple[ComponentDefinition, TrialGateway]:
        async with database.reading() as session:
            await self._systems.managed(session, principal, system)
            found = await self._component(session, system, stage, component)
            return found, await self._gateway(session, system, stage)

    async def _component(self, session: AsyncSession, system: str, stage: str, name: str) -> ComponentDefinition:
        release = (await existing_stage(session, system, stage)).release_id
        for row in await components_of(session, release):
            if row.name == name:
                return ComponentDefinition.from_columns(row)
        raise NotFound(f"Stage {stage} of {system} has no component {name}")

    async def _gateway(self, session: AsyncSession, system: str, stage: str) -> TrialGateway:
        key = (system, stage, await self._systems.revision(session, system))
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        document = await system_document(session, system)
        served = {name: value for name, value in document["stages"][stage].items() if name != "canary"}
        app = {"kind": "app", "app_code": CONSOLE_APP, "grants": [{"system": system, "component": None}]}
        made = TrialGateway(
            {**document, "stages": {stage: served}},
            app,
            self._open_secret,
            self._allowed_origins,
            self._issuer,
            self._clock,
            most_bytes=_LONGEST_ANSWER,
        )
        self._kept[key] = made
        while len(self._kept) > _MOST_KEPT:
            await self._kept.popitem(last=False)[1].aclose()
        return made


def _request(component: ComponentDefinition, params: Mapping[str, Any]) -> TrialRequest:
    """Parameters go where the component takes them: into its path, then its query on GET, or a JSON body."""
    in_path = {segment[1:-1] for segment in segments_of(component.path) if is_parameter(segment)}
    path = {name: _text(value) for name, value in params.items() if name in in_path}
    rest = {name: value for name, value in params.items() if name not in in_path}
    if component.method == "GET":
        query = {name: _texts(value) for name, value in rest.items() if value is not None}
        return TrialRequest(path, query, {})
    return TrialRequest(path, {}, {}, rest)


def _texts(value: Any) -> str | list[str]:
    return [_text(part) for part in value] if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
