"""Who is told of the tasks of a template, as clients of Standard OPS set it."""

from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.notices.models import FlowNotices
from orchestrator.notices.schemas import People
from orchestrator.notices.service import NoticeService, Wanted
from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.places import COMMON, Places
from orchestrator.sops.templates.schemas import ModifiedNotify, ModifyNotify

_EVENTS: Final = ("finished", "failed")
_PEOPLE: Final = TypeAdapter[list[str]](People)


class TemplateTelling:
    def __init__(self, places: Places, notices: NoticeService) -> None:
        self._places = places
        self._notices = notices

    async def modify_template_notify(
        self, session: AsyncSession, principal: Principal, asked: ModifyNotify
    ) -> ModifiedNotify:
        """Of whether a task finished or failed; what else is told, and whom besides, stays. People are told as each
        prefers, whatever kinds are named.
        """
        place = await self._places.project(session, principal, asked)
        source = COMMON if asked.common else "project"
        flow = await self._places.template(session, place, asked.template_id, source)
        kinds = asked.notify_type
        told = [event for event, by in zip(_EVENTS, (kinds.success, kinds.fail), strict=True) if by]
        groups = tuple(dict.fromkeys(asked.notify_receivers.receiver_group))
        people = _people(asked.notify_receivers.more_receiver)

        def wanted_of(kept: FlowNotices) -> Wanted:
            others = [event for event in kept.events if event not in _EVENTS]
            return Wanted((*told, *others), kept.launcher, people, groups, kept.url)

        await self._notices.change(session, principal, flow.id, wanted_of)
        return ModifiedNotify(template_id=asked.template_id, notify_type=kinds, notify_receivers=asked.notify_receivers)


def _people(text: str) -> tuple[str, ...]:
    """Raises:
    ParameterWrong: more than are told, or what is nobody's name.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    try:
        return tuple(_PEOPLE.validate_python(list(dict.fromkeys(names))))
    except ValidationError:
        remedy = "write at most 100 names between commas, each of at most 128 characters without blanks, / or ;"
        raise ParameterWrong("notify_receivers.more_receiver", remedy) from None
