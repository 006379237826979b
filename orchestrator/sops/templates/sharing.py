"""Common templates that clients bring: flows of a project that are shared with all."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.principal import Principal
from orchestrator.common_flows.service import CommonFlowService
from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.places import Places
from orchestrator.sops.templates.making import TemplateMaking
from orchestrator.sops.templates.schemas import ImportCommonTemplates, ImportedTemplates


class TemplateSharing:
    def __init__(
        self, places: Places, authorizer: Authorizer, making: TemplateMaking, common: CommonFlowService
    ) -> None:
        self._places = places
        self._authorizer = authorizer
        self._making = making
        self._common = common

    async def import_common_template(
        self, session: AsyncSession, principal: Principal, asked: ImportCommonTemplates
    ) -> ImportedTemplates:
        """What can be run is shared with all projects; the rest stays a draft of the one that owns it.

        Raises:
            PermissionDenied: the person is no administrator, or may make no flows there.
        """
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        if not asked.bk_biz_id:
            raise ParameterWrong("bk_biz_id", "is missing: a common template belongs to a project here, name its owner")
        place = await self._places.project(session, principal, asked)
        done = await self._making.imported(session, principal, place.project.id, asked.template_data)
        for flow in done.published:
            await self._common.share(session, principal, flow, ())
        return done.told
