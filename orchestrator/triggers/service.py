"""Triggers as people keep them: seen by who sees the flow, made and changed by who edits and may launch it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.grant_desk import GrantDesk
from kernel.contracts.projects import ProjectDirectory
from kernel.db.database import after_commit
from kernel.db.pages import PageOf, PageRequest
from kernel.errors import Conflict, Invalid, PermissionDenied
from kernel.expressions.interpolation import references
from kernel.forms.schema import object_schema_problems
from kernel.ids import new_id
from kernel.principal import Principal
from kernel.secret_handles import handles_in
from kernel.secrets import SecretBox
from kernel.signing.standard_webhooks import new_secret
from orchestrator.common_flows.places import FlowPlaces, Place
from orchestrator.flows.models import FlowRow
from orchestrator.flows.resources import project_resource, used_flow_resource
from orchestrator.flows.service import require_revision
from orchestrator.launch.forms import launch_form
from orchestrator.launch.leaving_out import without
from orchestrator.schemes.choosing import chosen_left_out
from orchestrator.secret_inputs.service import SecretInputs, kept_where_hidden
from orchestrator.triggers import repository
from orchestrator.triggers.errors import TooManyTriggers
from orchestrator.triggers.mapping import check_expressions
from orchestrator.triggers.models import Trigger, TriggerRun
from orchestrator.triggers.repository import INVENTORY, WEBHOOK
from orchestrator.triggers.watching.feed import WATCH
from orchestrator.versions import note_change, require_version

SECRET_PURPOSE: Final = "trigger webhook"  # noqa: S105  a purpose, not a secret
MOST_IN_A_PROJECT: Final = 200
ROOTS: Final = {INVENTORY: "event", WEBHOOK: "payload"}
"""What expressions begin with, by kind."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a trigger is to be; see `Trigger`."""

    name: str
    condition: str
    mapping: Mapping[str, Any]
    revision: int | None
    event_types: tuple[str, ...]
    authentication: str
    payload_schema: Mapping[str, Any] | None
    per_minute: int
    event: str
    event_key: str
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Attributes:
    problem: why the inventory can't be watched.
    address: where a webhook is called.
    """

    trigger: Trigger
    last_run: TriggerRun | None
    problem: str
    address: str


@dataclass(frozen=True, slots=True)
class SeenPage:
    items: list[Seen]
    next: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """Attributes:
    secret: known only now; empty where there is none.
    """

    seen: Seen
    secret: str


class TriggerService:
    """Args:
    ring: says that there may be something else to watch.
    hooks_url: where `/<trigger>` is appended for webhooks.
    """

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        grants: GrantDesk,
        secrets: SecretBox,
        secret_inputs: SecretInputs,
        clock: Clock,
        ring: Callable[[], None],
        hooks_url: str,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._places = FlowPlaces(authorizer, projects)
        self._grants = grants
        self._secrets = secrets
        self._secret_inputs = secret_inputs
        self._clock = clock
        self._ring = ring
        self._hooks_url = hooks_url

    async def list_in_project(
        self, session: AsyncSession, principal: Principal, project: str, flow: str | None, page: PageRequest
    ) -> SeenPage:
        """All of a project, or of one of its flows."""
        found = await self._projects.find(session, project)
        await self._authorizer.require(session, principal, Action.FLOW_VIEW, project_resource(found.id))
        where = col(Trigger.project_id) == found.id
        if flow is not None:
            where &= col(Trigger.flow_id) == flow
        rows = await repository.list_triggers(session, where, page)
        last = await repository.last_runs(session, [trigger.id for trigger in rows.items])
        problems = await repository.feed_problems(session, [found.id])
        return SeenPage([self._told(trigger, last, problems) for trigger in rows.items], rows.next)

    async def get(self, session: AsyncSession, principal: Principal, trigger_id: str) -> Seen:
        return await self._seen(session, await self._find(session, principal, trigger_id, Action.FLOW_VIEW))

    async def runs(
        self, session: AsyncSession, principal: Principal, trigger_id: str, page: PageRequest
    ) -> PageOf[TriggerRun]:
        trigger = await self._find(session, principal, trigger_id, Action.FLOW_VIEW)
        return await repository.runs_page(session, trigger.id, page)

    async def create(
        self,
        session: AsyncSession,
        principal: Principal,
        flow_id: str,
        kind: str,
        resource: str,
        wanted: Wanted,
        project: str | None = None,
    ) -> Made:
        """One that watches the inventory applies for the grant that the project needs to.

        Args:
            project: see `LaunchRequest`.

        Raises:
            PermissionDenied: the caller may not edit and launch the flow there, or has a credential that makes no
                others.
            Invalid: naming each wrong field.
            TooManyTriggers: the project has as many as it may have.
        """
        place = await self._place(session, principal, flow_id, project, wanted.event)
        flow = place.flow
        if kind == INVENTORY and not resource:
            raise Invalid.field("resource", "is missing", "Say of which kind of object, e.g. host")
        await self._check(session, flow, kind, wanted)
        if await repository.count_in_project(session, place.project_id) >= MOST_IN_A_PROJECT:
            raise TooManyTriggers(f"The project has {MOST_IN_A_PROJECT} triggers; delete one that nobody needs")
        secret = new_secret() if kind == WEBHOOK else ""
        now, trigger_id = self._clock.now(), new_id()
        wanted = await self._sealed(session, flow, trigger_id, wanted, {})
        trigger = Trigger(
            id=trigger_id,
            project_id=place.project_id,
            flow_id=flow.id,
            common=place.is_common,
            kind=kind,
            resource=resource if kind == INVENTORY else "",
            sealed_secret=self._secrets.seal(secret.encode(), SECRET_PURPOSE) if secret else "",
            created_by=principal.id,
            created_at=now,
            updated_by=principal.id,
            updated_at=now,
            **_columns(principal, kind, wanted),
        )
        session.add(trigger)
        await session.flush()
        if kind == INVENTORY:
            reason = f"Trigger {trigger.name} of flow {flow.name}"
            await self._grants.apply_for_components(session, principal, place.project_id, [WATCH], reason)
        await self._watch(session, trigger)
        self._record(session, principal, "trigger.created", trigger, after=_facts(trigger))
        return Made(await self._seen(session, trigger), secret)

    async def replace(
        self, session: AsyncSession, principal: Principal, trigger_id: str, wanted: Wanted, version: int
    ) -> Seen:
        """Whoever changes what is started becomes the person for whom: nobody acts with another's rights.

        Args:
            version: of the trigger that the change was made from.

        Raises:
            PermissionDenied: as `create`.
            Invalid: naming each wrong field.
            StaleVersion: somebody else changed it since; nothing is overwritten.
        """
        trigger = await self._find(session, principal, trigger_id, Action.FLOW_EDIT, lock=True)
        require_version(trigger, version)
        flow = (await self._place(session, principal, trigger.flow_id, trigger.project_id, wanted.event)).flow
        await self._check(session, flow, trigger.kind, wanted)
        wanted = await self._sealed(session, flow, trigger.id, wanted, trigger.mapping)
        await self._secret_inputs.forget(session, trigger.id, wanted.mapping)
        before = _facts(trigger)
        for name, value in _columns(principal, trigger.kind, wanted).items():
            setattr(trigger, name, value)
        self._changed(principal, trigger)
        self._record(session, principal, "trigger.changed", trigger, before=before, after=_facts(trigger))
        return await self._seen(session, trigger)

    async def switch(self, session: AsyncSession, principal: Principal, trigger_id: str, *, enabled: bool) -> Seen:
        """Enabled again, it hears of what happens from then on."""
        trigger = await self._find(session, principal, trigger_id, Action.FLOW_EDIT, lock=True)
        if trigger.enabled != enabled:
            trigger.enabled = enabled
            self._changed(principal, trigger)
            await self._watch(session, trigger)
            action = "trigger.enabled" if enabled else "trigger.disabled"
            self._record(session, principal, action, trigger, after={"enabled": enabled})
        return await self._seen(session, trigger)

    async def rotate_secret(self, session: AsyncSession, principal: Principal, trigger_id: str) -> Made:
        """A new secret; the old one is worth nothing from now on. Whoever has it starts what the trigger starts.

        Raises:
            PermissionDenied: as `create`.
            Conflict: the trigger has none.
        """
        trigger = await self._find(session, principal, trigger_id, Action.FLOW_EDIT, lock=True)
        if trigger.kind != WEBHOOK:
            raise Conflict("A trigger on the inventory has no secret")
        await self._place(session, principal, trigger.flow_id, trigger.project_id, trigger.event)
        secret = new_secret()
        trigger.sealed_secret = self._secrets.seal(secret.encode(), SECRET_PURPOSE)
        self._record(session, principal, "trigger.secret_changed", trigger)
        return Made(await self._seen(session, trigger), secret)

    async def remove(self, session: AsyncSession, principal: Principal, trigger_id: str) -> None:
        """With its history; the tasks stay."""
        trigger = await self._find(session, principal, trigger_id, Action.FLOW_EDIT, lock=True)
        await repository.remove(session, trigger)
        await self._secret_inputs.forget(session, trigger.id)
        await session.flush()
        await repository.end_unwanted_feeds(session)
        after_commit(session, self._ring)
        self._record(session, principal, "trigger.deleted", trigger, before=_facts(trigger))

    def _changed(self, principal: Principal, trigger: Trigger) -> None:
        """By a person: what was refused before counts no longer."""
        note_change(trigger, principal.id, self._clock.now())
        trigger.refusals, trigger.stopped_because = 0, ""

    async def _place(
        self, session: AsyncSession, principal: Principal, flow_id: str, project: str | None, event: str
    ) -> Place:
        """Where the flow is started, or tasks are told, if the caller may have that done."""
        place = await self._places.find(session, principal, flow_id, Action.FLOW_EDIT, project)
        acts = Action.TASK_OPERATE if event else Action.FLOW_LAUNCH
        await self._authorizer.require(session, principal, acts, place.resource)
        _require_whole(principal)
        return place

    async def _sealed(
        self, session: AsyncSession, flow: FlowRow, trigger_id: str, wanted: Wanted, before: Mapping[str, Any]
    ) -> Wanted:
        """With the secrets sealed that stand in the mapping itself; what refers to what comes is none yet."""
        if wanted.event:
            return wanted
        schema = launch_form((await require_revision(session, flow, wanted.revision)).definition).schema
        mapping = kept_where_hidden(schema, wanted.mapping, {n: v for n, v in before.items() if handles_in(v)})
        fixed = {name: value for name, value in mapping.items() if not references(value)}
        sealed = await self._secret_inputs.seal(session, trigger_id, schema, fixed, held_by=trigger_id)
        return replace(wanted, mapping={**mapping, **sealed})

    async def _check(self, session: AsyncSession, flow: FlowRow, kind: str, wanted: Wanted) -> None:
        revision = await require_revision(session, flow, wanted.revision)
        if not wanted.event:
            without(
                revision.definition, await chosen_left_out(session, flow.id, revision.definition, wanted.schemes, ())
            )
        check_expressions(wanted.condition, wanted.mapping, wanted.event_key, ROOTS[kind])
        if kind == WEBHOOK and wanted.payload_schema is not None:
            problems = object_schema_problems(dict(wanted.payload_schema), "payload_schema")
            if problems:
                raise Invalid("; ".join(f"{each.field}: {each.problem}" for each in problems[:5]), fields=problems)

    async def _watch(self, session: AsyncSession, trigger: Trigger) -> None:
        """Begins the feed that the trigger needs, or ends one that nobody needs."""
        await session.flush()
        if trigger.kind == INVENTORY and trigger.enabled:
            await repository.begin_feed(session, trigger.project_id, trigger.resource, self._clock.now())
        await repository.end_unwanted_feeds(session)
        after_commit(session, self._ring)

    async def _find(
        self, session: AsyncSession, principal: Principal, trigger_id: str, action: Action, *, lock: bool = False
    ) -> Trigger:
        trigger = await repository.require_trigger(session, trigger_id, lock=lock)
        resource = used_flow_resource(trigger.flow_id, trigger.project_id, common=trigger.common)
        await self._authorizer.require(session, principal, action, resource)
        return trigger

    async def _seen(self, session: AsyncSession, trigger: Trigger) -> Seen:
        last = await repository.last_runs(session, [trigger.id])
        problems = await repository.feed_problems(session, [trigger.project_id])
        return self._told(trigger, last, problems)

    def _told(self, trigger: Trigger, last: Mapping[str, TriggerRun], problems: Mapping[tuple[str, str], str]) -> Seen:
        problem = problems.get((trigger.project_id, trigger.resource), "")
        address = f"{self._hooks_url}/{trigger.id}" if trigger.kind == WEBHOOK else ""
        return Seen(trigger, last.get(trigger.id), problem, address)

    @staticmethod
    def _record(
        session: AsyncSession,
        principal: Principal,
        action: str,
        trigger: Trigger,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        record(
            session, principal, action, "trigger", trigger.id,
            before=before, after=after, project_id=trigger.project_id,
        )  # fmt: skip


def _require_whole(principal: Principal) -> None:
    """A secret that starts tasks outlives the credential that made it."""
    if principal.is_narrowed:
        raise PermissionDenied("A narrowed token makes no triggers; sign in, or use a token that is not narrowed")


def _columns(principal: Principal, kind: str, wanted: Wanted) -> dict[str, Any]:
    is_webhook = kind == WEBHOOK
    return {
        "name": wanted.name,
        "owner": principal.id,
        "condition": wanted.condition.strip(),
        "mapping": dict(wanted.mapping),
        "event": wanted.event,
        "event_key": wanted.event_key if wanted.event else "",
        "revision": wanted.revision,
        "schemes": [] if wanted.event else list(wanted.schemes),
        "event_types": [] if is_webhook else list(dict.fromkeys(wanted.event_types)),
        "authentication": wanted.authentication if is_webhook else "",
        "payload_schema": dict(wanted.payload_schema) if is_webhook and wanted.payload_schema is not None else None,
        "per_minute": wanted.per_minute if is_webhook else 0,
    }


def _facts(trigger: Trigger) -> dict[str, Any]:
    """For the audit log: of the mapping the names alone."""
    return {
        "flow": trigger.flow_id,
        "common": trigger.common,
        "name": trigger.name,
        "owner": trigger.owner,
        "kind": trigger.kind,
        "resource": trigger.resource,
        "event_types": trigger.event_types,
        "condition": trigger.condition,
        "inputs": sorted(trigger.mapping),
        "event": trigger.event,
        "revision": trigger.revision,
        "schemes": trigger.schemes,
        "authentication": trigger.authentication,
        "per_minute": trigger.per_minute,
        "enabled": trigger.enabled,
    }
