from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.access.apps.repository import find_app
from gateway.access.deputies.repository import deputies_of
from gateway.access.grants.models import Grant, GrantEvent
from gateway.access.notices.models import Notice
from gateway.access.notices.texts import FOR_DECIDERS, words_of
from gateway.identity.authorization.repository import holders
from gateway.identity.roles import roles_allowing
from gateway.identity.users.repository import active_administrators, find_user
from kernel.contracts.authorizer import Action, Resource, ResourceKind

_MOST = 20


class NoticeListener:
    """Puts word for each person into the unit of work of the step: it is told if and only if it happened.

    Who decides hears of applications, administrators where nobody else is left; who applied, and who owns the app, of
    what became of them. Nobody hears of his own step.
    """

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    async def heard(self, session: AsyncSession, event: GrantEvent, grants: Sequence[Grant]) -> None:
        """See `gateway.access.grants.steps.StepListener`."""
        words = words_of(event, grants, self._public_url)
        if words is None:
            return
        find = _deciders if event.step in FOR_DECIDERS else _applicants
        for username in await find(session, event, grants[0]):
            if username == event.actor:
                continue
            session.add(
                Notice(
                    application_id=event.application_id,
                    username=username,
                    title=words.title,
                    content=words.content,
                    next_attempt_at=event.at,
                    created_at=event.at,
                )
            )


async def _deciders(session: AsyncSession, event: GrantEvent, grant: Grant) -> list[str]:
    system = Resource(ResourceKind.SYSTEM, grant.system)
    owners = await holders(session, system, roles_allowing(ResourceKind.SYSTEM, Action.GRANT_DECIDE), _MOST)
    deputies = await deputies_of(session, grant.system)
    now = [each.username for each in deputies if each.starts_at <= event.at < each.ends_at]
    return await _active(session, [*owners, *now]) or sorted(await active_administrators(session))


async def _applicants(session: AsyncSession, _event: GrantEvent, grant: Grant) -> list[str]:
    app = await find_app(session, grant.app_code)
    return await _active(session, [grant.applied_by, *([app.owner] if app is not None and app.owner else [])])


async def _active(session: AsyncSession, usernames: Iterable[str]) -> list[str]:
    """Each once, without apps and accounts that are gone or disabled."""
    found = [await find_user(session, username) for username in dict.fromkeys(usernames)]
    return [user.username for user in found if user is not None and user.is_active]
