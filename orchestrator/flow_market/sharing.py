"""A flow made an item of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.contracts.authorizer import Action, Authorizer
from kernel.contracts.flow_market import FlowMarket, FlowWish, PublishedFlow
from kernel.errors import Invalid
from kernel.forms.secrets import secret_fields
from kernel.principal import Principal
from orchestrator.flow_market.errors import ForeignFlowInside
from orchestrator.flow_market.packing import Inner, Packed, pack
from orchestrator.flows.composition import compose
from orchestrator.flows.models import FlowRevisionRow, FlowRow
from orchestrator.flows.publication import Publication
from orchestrator.flows.resources import flow_resource
from orchestrator.flows.service import require_flow, require_revision
from orchestrator.launch.forms import launch_form


@dataclass(frozen=True, slots=True)
class Shareable:
    """What a package of a revision would hold.

    Attributes:
        inside: names of the flows that come along.
    """

    revision: int
    packed: Packed
    inside: Sequence[str]


class FlowSharing:
    """By `flow.share`, and the right to publish in the catalogue, which the marketplace checks."""

    def __init__(self, authorizer: Authorizer, publication: Publication, market: FlowMarket) -> None:
        self._authorizer = authorizer
        self._publication = publication
        self._market = market

    async def look(self, session: AsyncSession, principal: Principal, flow_id: str, number: int | None) -> Shareable:
        """What would be shared of a revision, the latest where none is named.

        Raises:
            ForeignFlowInside: it runs a flow of another project.
            Invalid: a flow that is run inside can't be found any more.
        """
        flow, revision = await self._revision(session, principal, flow_id, number)
        return await self._shareable(session, flow, revision)

    async def share(
        self, session: AsyncSession, principal: Principal, flow_id: str, number: int | None, wish: FlowWish
    ) -> PublishedFlow:
        """Publishes a revision as a version of a package.

        Args:
            wish: what people say of it; the content is filled in here.

        Raises:
            As `look`, and what publishing any package raises.
        """
        flow, revision = await self._revision(session, principal, flow_id, number)
        full = await self._complete(session, flow, revision, wish)
        published = await self._market.publish(session, principal, full)
        after = {"code": wish.code, "version": wish.version, "revision": revision.number, "digest": published.digest}
        record(
            session, principal, "flow.shared_in_catalogue", "flow", flow.id,
            after={**after, "outcome": published.outcome}, project_id=flow.project_id,
        )  # fmt: skip
        return published

    async def pack(
        self, session: AsyncSession, principal: Principal, flow_id: str, number: int | None, wish: FlowWish
    ) -> bytes:
        """The package that `share` would publish, for its publisher to sign; publishes nothing.

        Raises:
            As `look`; and Invalid for what is no package at all.
        """
        flow, revision = await self._revision(session, principal, flow_id, number)
        return await self._market.pack(await self._complete(session, flow, revision, wish))

    async def _complete(
        self, session: AsyncSession, flow: FlowRow, revision: FlowRevisionRow, wish: FlowWish
    ) -> FlowWish:
        packed = (await self._shareable(session, flow, revision)).packed
        return replace(
            wish,
            document=packed.document,
            form=launch_form(revision.definition).document(),
            outputs=sorted(revision.definition.get("outputs") or {}),
            plugins=packed.plugins,
            secrets=packed.secrets,
        )

    async def _revision(
        self, session: AsyncSession, principal: Principal, flow_id: str, number: int | None
    ) -> tuple[FlowRow, FlowRevisionRow]:
        flow = await require_flow(session, flow_id)
        await self._authorizer.require(session, principal, Action.FLOW_SHARE, flow_resource(flow.id, flow.project_id))
        return flow, await require_revision(session, flow, number)

    async def _shareable(self, session: AsyncSession, flow: FlowRow, revision: FlowRevisionRow) -> Shareable:
        composed = await compose(session, flow.project_id, flow.id, revision.definition)
        if composed.problems:
            raise Invalid.field("flow", "; ".join(sorted(composed.problems.values())), "Publish it anew first")
        rows = {f"{row.flow_id}@{row.number}": await require_flow(session, row.flow_id) for row in composed.revisions}
        foreign = sorted(row.name for row in rows.values() if row.project_id != flow.project_id)
        if foreign:
            problem = f"runs {', '.join(foreign)}, which is another project's"
            raise ForeignFlowInside.field("flow", problem, "Copy that flow into the project, and run the copy")
        installed = await self._publication.installed(session, flow.project_id)
        secrets = {key: frozenset(secret_fields(plugin.inputs)) for key, plugin in installed.items()}
        inside = {name: Inner(row.name, row.description) for name, row in rows.items()}
        packed = pack(composed.definition, inside, secrets)
        return Shareable(revision.number, packed, sorted({row.name for row in rows.values()}))
