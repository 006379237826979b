from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import ONLY_READS, PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import HistoryServiceDep
from orchestrator.flow.difference import FieldChange, PartChange
from orchestrator.flows.endpoints import Number, draft_view
from orchestrator.flows.history import Comparison, Side
from orchestrator.flows.schemas import (
    CompareBody,
    ComparisonView,
    DraftView,
    FieldChangeView,
    PartChangeView,
    RenameInputBody,
    RestoreBody,
)

router = APIRouter(tags=["flows"], route_class=StrictJsonRoute)
SideName = Annotated[str, Path(pattern=r"^(draft|[1-9][0-9]{0,8})$")]


@router.get("/flows/{flow}/revisions/{before}/diff/{after}")
async def compare_revisions(
    flow: str,
    before: SideName,
    after: SideName,
    session: SessionDep,
    principal: PrincipalDep,
    history: HistoryServiceDep,
) -> ComparisonView:
    """What makes one revision of another; `draft` stands for the draft."""
    return comparison_view(await history.compare(session, principal, flow, _side(before), _side(after)))


@router.post("/flows/{flow}/draft:compare", dependencies=[ONLY_READS])
async def compare_with_draft(
    flow: str, body: CompareBody, session: SessionDep, principal: PrincipalDep, history: HistoryServiceDep
) -> ComparisonView:
    """What a definition has that the draft has not; nothing is saved."""
    return comparison_view(await history.compare_draft(session, principal, flow, body.definition))


@router.post("/flows/{flow}/draft:rename-input")
async def rename_flow_input(
    flow: str, body: RenameInputBody, session: SessionDep, principal: PrincipalDep, history: HistoryServiceDep
) -> DraftView:
    """Gives an input of the draft another name, in the form and wherever the flow refers to it; refused, and nothing
    is changed, where a place would not follow. What calls the flow from outside names it as it did.
    """
    return draft_view(await history.rename_input(session, principal, flow, body.name, body.to, body.draft_version))


@router.post("/flows/{flow}/revisions/{number}:restore")
async def restore_revision(
    flow: str,
    number: Number,
    body: RestoreBody,
    session: SessionDep,
    principal: PrincipalDep,
    history: HistoryServiceDep,
) -> DraftView:
    """Makes a revision the draft, if that is still at `draft_version`; otherwise 409."""
    return draft_view(await history.restore(session, principal, flow, number, body.draft_version))


def _side(name: str) -> Side:
    return None if name == "draft" else int(name)


def comparison_view(comparison: Comparison) -> ComparisonView:
    """A comparison as it goes over the wire."""
    found = comparison.difference
    return ComparisonView(
        nodes=[_part_view(part) for part in found.nodes],
        edges=[_part_view(part) for part in found.edges],
        fields=[_field_view(field) for field in found.fields],
        moved=list(found.moved),
        picture=comparison.picture,
    )


def _part_view(part: PartChange) -> PartChangeView:
    return PartChangeView(id=part.id, change=part.change, fields=[_field_view(field) for field in part.fields])


def _field_view(field: FieldChange) -> FieldChangeView:
    return FieldChangeView(field=field.field, change=field.change, before=field.before, after=field.after)
