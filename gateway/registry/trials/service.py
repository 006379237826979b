"""Calling a component from the management API, and the recorded samples that check one before it is released."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.access.shards import app_document
from gateway.registry.component_definition import MOST_SAMPLES, ComponentDefinition
from gateway.registry.drafts.filling import draft_of
from gateway.registry.drafts.service import DraftService
from gateway.registry.managed_systems import ManagedSystems, existing_stage
from gateway.registry.releases.writer import digest_of
from gateway.registry.repository import components_of
from gateway.registry.shards import served_component, system_document
from gateway.registry.trials.gateway import TrialAnswer, TrialGateway, TrialRequest
from gateway.registry.trials.samples import differences, request_of
from gateway.snapshot.model.documents import OpenSecret
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Action, Authorizer, Resource, ResourceKind
from kernel.db.database import Database
from kernel.errors import Conflict, FieldProblem, Invalid, NotFound, TrunklineError
from kernel.json_input import read_json
from kernel.principal import Principal

MOST_AT_ONCE = 200
_LONGEST_RECORDED = 20_000


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """Attributes:
    uses_draft: tries the component as the draft has it, on the stage's upstreams; otherwise as the stage serves it.
    app_code: who calls; none is an app that trials alone know, for those who manage the system.
    record_as: keeps the request and its answer as the draft component's sample of that name.
    """

    system: str
    stage: str
    component: str
    request: TrialRequest
    app_code: str | None = None
    uses_draft: bool = False
    record_as: str | None = None


@dataclass(frozen=True, slots=True)
class SampleResult:
    """Attributes:
    problems: what is not as the sample expects; empty when it passed.
    """

    component: str
    sample: str
    status: int
    seconds: float
    problems: tuple[str, ...]


class TrialService:
    def __init__(
        self,
        authorizer: Authorizer,
        systems: ManagedSystems,
        drafts: DraftService,
        open_secret: OpenSecret,
        allowed_origins: Iterable[str],
        issuer: str,
        clock: Clock,
    ) -> None:
        self._authorizer = authorizer
        self._systems = systems
        self._drafts = drafts
        self._open_secret = open_secret
        self._allowed_origins = tuple(allowed_origins)
        self._issuer = issuer
        self._clock = clock

    async def try_component(self, database: Database, principal: Principal, order: TrialOrder) -> TrialAnswer:
        """Calls the component as a caller would; what the gateway refuses is an answer too.

        Opens its own units of work: none waits for the call.

        Raises:
            NotFound: no such system, stage, component or app.
            PermissionDenied: the app isn't the principal's, or he doesn't manage the system whose draft he tries.
        """
        async with database.unit_of_work() as session:
            app = await self._app(session, principal, order)
            stage = await existing_stage(session, order.system, order.stage)
            components = await self._components(session, order.system, stage.release_id, uses_draft=order.uses_draft)
            component = next((each for each in components if each.name == order.component), None)
            if component is None:
                where = "The draft" if order.uses_draft else f"Stage {order.stage}"
                raise NotFound(f"{where} of {order.system} has no component {order.component}")
            document = await self._document(session, order.system, order.stage, components)
            about = {"stage": order.stage, "component": component.name, "app_code": order.app_code}
            record(session, principal, "component.tried", "system", order.system, after=about)
        async with self._gateway(document, app) as gateway:
            answer = await gateway.call(order.stage, component, order.request, principal.id)
        if order.record_as is not None:
            await self._record(database, principal, order, answer)
        return answer

    async def run_samples(
        self,
        database: Database,
        principal: Principal,
        system: str,
        stage: str,
        components: Sequence[ComponentDefinition],
    ) -> list[SampleResult]:
        """Calls every sample of these components on the stage's upstreams, whatever the stage serves.

        Raises:
            NotFound: no such system or stage.
            PermissionDenied: the principal doesn't manage the system.
            Invalid: the components can't be served on this stage.
        """
        async with database.unit_of_work() as session:
            await self._systems.managed(session, principal, system)
            await existing_stage(session, system, stage)
            document = await self._document(session, system, stage, components)
            record(session, principal, "samples.run", "system", system, after={"stage": stage})
        wanted = [(component, sample) for component in components for sample in component.samples]
        if len(wanted) > MOST_AT_ONCE:
            raise Invalid(f"There are {len(wanted)} samples; at most {MOST_AT_ONCE} are run at once")
        results: list[SampleResult] = []
        async with self._gateway(document, None) as gateway:
            for component, sample in wanted:
                results.append(await _result(gateway, stage, component, sample, principal.id))
        return results

    async def draft_samples(
        self, database: Database, principal: Principal, system: str, stage: str
    ) -> list[SampleResult]:
        """The samples of the draft: what a release of it would have to pass."""
        async with database.reading() as session:
            await self._systems.managed(session, principal, system)
            components = await draft_of(session, system)
        return await self.run_samples(database, principal, system, stage, components)

    async def require_samples(self, database: Database, principal: Principal, system: str, stage: str) -> str:
        """Runs the draft's samples; answers the digest of the components that passed.

        Raises:
            Conflict: naming each sample that failed, and how.
        """
        async with database.reading() as session:
            await self._systems.managed(session, principal, system)
            components = await draft_of(session, system)
        results = await self.run_samples(database, principal, system, stage, components)
        failed = [
            FieldProblem(f"samples.{result.component}.{result.sample}", "; ".join(result.problems))
            for result in results
            if result.problems
        ]
        if failed:
            told = "; ".join(f"{problem.field}: {problem.problem}" for problem in failed[:3])
            detail = f"{len(failed)} of {len(results)} samples failed on stage {stage}: {told}"
            raise Conflict(detail, code="samples_failed", fields=failed)
        return digest_of(components)

    def _gateway(self, document: dict[str, Any], app: dict[str, Any] | None) -> TrialGateway:
        return TrialGateway(document, app, self._open_secret, self._allowed_origins, self._issuer, self._clock)

    async def _app(self, session: AsyncSession, principal: Principal, order: TrialOrder) -> dict[str, Any] | None:
        if order.app_code is None or order.uses_draft or order.record_as is not None:
            await self._systems.managed(session, principal, order.system)
        if order.app_code is None:
            return None
        await self._systems.visible(session, principal, order.system)
        app = await find_app(session, order.app_code)
        if app is None:
            raise NotFound(f"There is no app {order.app_code}")
        await self._authorizer.require(
            session, principal, Action.APP_MANAGE, Resource(ResourceKind.APP, order.app_code)
        )
        return await app_document(session, order.app_code, self._clock.now())

    async def _components(
        self, session: AsyncSession, system: str, release_id: str, *, uses_draft: bool
    ) -> list[ComponentDefinition]:
        if uses_draft:
            return await draft_of(session, system)
        return [ComponentDefinition.from_columns(row) for row in await components_of(session, release_id)]

    async def _document(
        self, session: AsyncSession, system: str, stage: str, components: Sequence[ComponentDefinition]
    ) -> dict[str, Any]:
        """The system with that stage alone, serving these components."""
        document = await system_document(session, system)
        served = {**document["stages"][stage], "components": [served_component(each) for each in components]}
        served.pop("canary", None)
        return {**document, "stages": {stage: served}}

    async def _record(self, database: Database, principal: Principal, order: TrialOrder, answer: TrialAnswer) -> None:
        sample = {
            "name": order.record_as,
            "request": {
                "path": dict(order.request.path),
                "query": dict(order.request.query),
                "headers": dict(order.request.headers),
                "body": order.request.body,
                **({"method": order.request.method} if order.request.method is not None else {}),
            },
            "expect": {"status": answer.status, "json": _recorded(answer)},
        }

        def recorded(component: ComponentDefinition) -> ComponentDefinition:
            others = tuple(each for each in component.samples if each["name"] != order.record_as)
            if len(others) >= MOST_SAMPLES:
                raise Conflict(f"A component has at most {MOST_SAMPLES} samples; remove one that is not needed")
            return replace(component, samples=(*others, sample))

        async with database.unit_of_work() as session:
            await self._drafts.change(session, principal, order.system, order.component, recorded)


async def _result(
    gateway: TrialGateway, stage: str, component: ComponentDefinition, sample: Any, user: str
) -> SampleResult:
    try:
        answer = await gateway.call(stage, component, request_of(sample), user)
    except Invalid as error:
        return SampleResult(component.name, sample["name"], 0, 0.0, (error.detail,))
    problems = tuple(differences(sample, answer))
    return SampleResult(component.name, sample["name"], answer.status, answer.seconds, problems)


def _recorded(answer: TrialAnswer) -> Any:
    if len(answer.body) > _LONGEST_RECORDED:
        return None
    try:
        return read_json(answer.body)
    except TrunklineError:  # no JSON, or none that can be kept
        return None
