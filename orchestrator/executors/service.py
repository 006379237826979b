"""Consents of people to be acted for, and what asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.plugin_directory import PluginDirectory
from kernel.contracts.projects import ProjectDirectory, ProjectSummary
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind
from orchestrator.executors import repository
from orchestrator.executors.admission import Consents
from orchestrator.executors.judging import ConsentLack, Refusal
from orchestrator.executors.models import ExecutorConsent
from orchestrator.executors.needs import scopes_of_project, scopes_of_revision
from orchestrator.flow.executors import Standing
from orchestrator.flows.models import FlowRow
from orchestrator.flows.repository import find_flow
from orchestrator.flows.resources import flow_resource, project_resource, reach_of
from orchestrator.flows.service import require_flow, require_revision


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody consents to: see `ExecutorConsent`."""

    project: str
    flow_id: str | None
    revision: int | None
    scopes: Sequence[str]
    days: int


@dataclass(frozen=True, slots=True)
class Given:
    """A consent with the names of what it is to."""

    consent: ExecutorConsent
    project: ProjectSummary
    flow_name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Something names the person. Without a flow it is the project."""

    project: ProjectSummary
    flow: FlowRow | None
    scopes: frozenset[str]
    by: str
    at: datetime
    lack: ConsentLack | None


class ConsentService:
    """Everybody gives, sees and revokes his own; nobody does so for others."""

    def __init__(
        self,
        authorizer: Authorizer,
        projects: ProjectDirectory,
        plugins: PluginDirectory,
        consents: Consents,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._projects = projects
        self._plugins = plugins
        self._consents = consents
        self._clock = clock

    async def own(self, session: AsyncSession, principal: Principal) -> list[Given]:
        """The caller's, those given last first, as far as his credential counts."""
        username = self._reader(principal)
        rows = [row for row in await repository.consents_of(session, username) if _counts_in(principal, row.project_id)]
        names = await repository.flow_names(session, {row.flow_id for row in rows if row.flow_id})
        return [
            Given(row, await self._projects.find(session, row.project_id), names.get(row.flow_id, "")) for row in rows
        ]

    async def requests(self, session: AsyncSession, principal: Principal) -> list[Asked]:
        """Projects, then flows, that name the caller, as far as his credential counts."""
        username = self._reader(principal)
        found = []
        for named in await repository.projects_naming(session, username):
            if not _counts_in(principal, named.project_id):
                continue
            project = await self._projects.find(session, named.project_id)
            scopes = await scopes_of_project(session, self._plugins, project.id)
            lack = await self._lack(session, username, project.id, Standing("", None))
            found.append(Asked(project, None, scopes, named.set_by, named.set_at, lack))
        seen: set[tuple[str, str]] = set()
        for request in await repository.requests_to(session, username):
            if not _counts_in(principal, request.project_id):
                continue
            flow = await find_flow(session, request.place_id)
            if flow is None or flow.latest_revision is None or (request.project_id, flow.id) in seen:
                continue
            seen.add((request.project_id, flow.id))
            project = await self._projects.find(session, request.project_id)
            scopes = scopes_of_revision(await require_revision(session, flow, None))
            lack = await self._lack(session, username, project.id, Standing(flow.id, flow.latest_revision))
            found.append(Asked(project, flow, scopes, request.asked_by, request.asked_at, lack))
        return found

    def _reader(self, principal: Principal) -> str:
        self._authorizer.require_credential(principal, Action.FLOW_VIEW, reach_of(principal))
        return _person(principal)

    async def give(self, session: AsyncSession, principal: Principal, wanted: Wanted) -> Given:
        """Replaces what the caller has consented to there before.

        Raises:
            NotFound: no such project, flow or revision.
            PermissionDenied: nothing names the caller there, and he may not see it.
            Invalid: scopes that are not used there.
        """
        username = _whole_person(principal)
        project = await self._projects.find(session, wanted.project)
        flow = await self._place(session, principal, project, wanted)
        consent = await repository.find_consent(session, username, project.id, wanted.flow_id or "")
        before = None if consent is None else _facts(consent)
        now = self._clock.now()
        if consent is None:
            consent = ExecutorConsent(
                username=username, project_id=project.id, flow_id=wanted.flow_id or "", scopes=[], given_at=now,
                expires_at=now,
            )  # fmt: skip
        consent.revision, consent.scopes = wanted.revision, sorted(set(wanted.scopes))
        consent.given_at, consent.expires_at, consent.revoked_at = now, now + timedelta(days=wanted.days), None
        try:
            session.add(consent)
            await session.flush()
        except IntegrityError as error:  # another window was quicker
            raise Conflict("You have just consented to that; look at what you have given") from error
        self._audit(session, principal, "executor_consent.given", consent, before, _facts(consent))
        return Given(consent, project, flow.name if flow is not None else "")

    async def revoke(self, session: AsyncSession, principal: Principal, consent_id: str) -> None:
        """From now on no node calls by it. Doing so again changes nothing."""
        consent = await session.get(ExecutorConsent, consent_id, with_for_update=True)
        if consent is None or consent.username != _person(principal):
            raise NotFound(f"You have given no consent {consent_id!r}")
        if consent.revoked_at is not None:
            return
        before = _facts(consent)
        consent.revoked_at = self._clock.now()
        await session.flush()
        self._audit(session, principal, "executor_consent.revoked", consent, before, None)

    async def _place(
        self, session: AsyncSession, principal: Principal, project: ProjectSummary, wanted: Wanted
    ) -> FlowRow | None:
        """The flow it is to, checked as `give` says."""
        if wanted.flow_id is None:
            if wanted.revision is not None:
                raise Invalid.field("revision", "belongs to a flow", "Name the flow, or leave the revision out")
            if project.id not in {row.project_id for row in await repository.projects_naming(session, principal.id)}:
                await self._authorizer.require(session, principal, Action.PROJECT_VIEW, project_resource(project.id))
            _require_used(wanted.scopes, await scopes_of_project(session, self._plugins, project.id))
            return None
        flow = await require_flow(session, wanted.flow_id)
        requests = await repository.requests_to(session, principal.id)
        if flow.id not in {row.place_id for row in requests}:
            await self._authorizer.require(
                session, principal, Action.FLOW_VIEW, flow_resource(flow.id, flow.project_id)
            )
        revision = await require_revision(session, flow, wanted.revision)
        _require_used(wanted.scopes, scopes_of_revision(revision))
        return flow

    async def _lack(
        self, session: AsyncSession, username: str, project_id: str, standing: Standing
    ) -> ConsentLack | None:
        covered = await self._consents.covering(session, project_id, username, standing)
        return covered.lack if isinstance(covered, Refusal) else None

    def _audit(
        self,
        session: AsyncSession,
        principal: Principal,
        action: str,
        consent: ExecutorConsent,
        before: dict[str, object] | None,
        after: dict[str, object] | None,
    ) -> None:
        record(
            session, principal, action, "executor_consent", consent.id,
            before=before, after=after, project_id=consent.project_id,
        )  # fmt: skip


def _person(principal: Principal) -> str:
    if principal.kind is not PrincipalKind.USER:
        raise PermissionDenied("Consents are people's: sign in as a person")
    return principal.id


def _counts_in(principal: Principal, project_id: str) -> bool:
    return principal.confined_to in {None, project_id}


def _whole_person(principal: Principal) -> str:
    """A credential that carries less than its owner's rights makes none of them."""
    if principal.is_narrowed:
        raise PermissionDenied("A narrowed token gives no consent: sign in, or use a token that is not narrowed")
    return _person(principal)


def _require_used(scopes: Sequence[str], used: frozenset[str]) -> None:
    problems = [
        FieldProblem(f"/scopes/{index}", f"{scope} is not used there", "Leave it out")
        for index, scope in enumerate(scopes)
        if scope not in used
    ]
    if problems:
        raise Invalid("; ".join(problem.problem for problem in problems[:5]), fields=problems)


def _facts(consent: ExecutorConsent) -> dict[str, object]:
    return {
        "executor": consent.username,
        "flow": consent.flow_id,
        "revision": consent.revision,
        "scopes": consent.scopes,
        "expires_at": consent.expires_at.isoformat(),
        "revoked": consent.revoked_at is not None,
    }
