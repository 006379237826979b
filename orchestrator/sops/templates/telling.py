"""Who is told of the tasks of a template, as clients of Standard OPS set it."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.notices.service import NoticeService, Wanted
from orchestrator.sops.places import COMMON, Places
from orchestrator.sops.templates.schemas import ModifiedNotify, ModifyNotify

_EVENTS = ("finished", "failed")


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
        before = await self._notices.get(session, principal, flow.id)
        kinds = asked.notify_type
        told = [event for event, by in zip(_EVENTS, (kinds.success, kinds.fail), strict=True) if by]
        others = [event for event in before.events if event not in _EVENTS]
        people = tuple(name.strip() for name in asked.notify_receivers.more_receiver.split(",") if name.strip())
        wanted = Wanted(
            (*told, *others), before.launcher, people, tuple(asked.notify_receivers.receiver_group), before.url
        )
        await self._notices.put(session, principal, flow.id, wanted)
        return ModifiedNotify(template_id=asked.template_id, notify_type=kinds, notify_receivers=asked.notify_receivers)
