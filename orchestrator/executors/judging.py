"""Whether a person's consents cover a node, and what they lack. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchestrator.flow.executors import Standing


class ConsentLack(StrEnum):
    """Why a node may not call in a person's name; the later ones come closer to a consent."""

    NEVER = "never"
    REVOKED = "revoked"
    EXPIRED = "expired"
    REVISION = "revision"
    PERSON = "person"
    SCOPES = "scopes"


@dataclass(frozen=True, slots=True)
class Terms:
    """A consent. Attributes as of `orchestrator.executors.models.ExecutorConsent`."""

    flow_id: str
    revision: int | None
    scopes: frozenset[str]
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Attributes:
    terms: the consent that comes closest; none where there is none.
    scopes: those that are lacking, with `ConsentLack.SCOPES`.
    """

    lack: ConsentLack
    terms: Terms | None = None
    scopes: frozenset[str] = frozenset()


def consented(consents: Iterable[Terms], standing: Standing, now: datetime) -> frozenset[str] | Refusal:
    """What a node that stands there may call: the scopes of every consent that holds for it.

    Args:
        consents: the person's, to the project of the task.
    """
    scopes: frozenset[str] = frozenset()
    holds = False
    nearest = Refusal(ConsentLack.NEVER)
    order = list(ConsentLack)
    for terms in consents:
        if terms.flow_id not in {"", standing.flow_id}:
            continue
        lack = _lack(terms, standing, now)
        if lack is None:
            holds = True
            scopes |= terms.scopes
        elif order.index(lack) > order.index(nearest.lack):
            nearest = Refusal(lack, terms)
    return scopes if holds else nearest


def _lack(terms: Terms, standing: Standing, now: datetime) -> ConsentLack | None:
    """A consent to a flow is none to its draft, which more people may write and try than may publish it."""
    if terms.revoked_at is not None:
        return ConsentLack.REVOKED
    if terms.expires_at <= now:
        return ConsentLack.EXPIRED
    if terms.flow_id and (not standing.revision or terms.revision not in {None, standing.revision}):
        return ConsentLack.REVISION
    return None


def told(refusal: Refusal, username: str, flow_name: str, project: str = "") -> str:
    """For people: who, what lacks, and what to do about it.

    Args:
        project: code of the task's, where there is a task: it may be another one than the flow's.
    """
    place = f"the flow {flow_name!r}" if flow_name else "this project"
    if project:
        place = f"{place} for tasks of the project {project}" if flow_name else f"the project {project}"
    terms = refusal.terms
    match refusal.lack:
        case ConsentLack.PERSON:
            return f"{username} may not sign in any more; name another executor"
        case ConsentLack.SCOPES:
            said = f"has not consented to {', '.join(sorted(refusal.scopes))} in {place}"
        case ConsentLack.REVISION if terms is not None:
            number = f"revision {terms.revision}" if terms.revision is not None else "published revisions"
            said = f"has consented to {number} of {place} alone"
        case ConsentLack.EXPIRED if terms is not None:
            said = f"had consented to act in {place} until {terms.expires_at:%Y-%m-%d %H:%M} UTC"
        case ConsentLack.REVOKED if terms is not None:
            said = f"has revoked the consent to act in {place}"
        case _:
            said = f"has not consented to act in {place}"
    return f"{username} {said}; ask {username} to consent to it, on the page 'In your name', or name another executor"
