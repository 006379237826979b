"""How BlueKing's clients may reach a system, beyond what is usual here."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.managed_systems import ManagedSystems
from gateway.registry.models import System
from kernel.audit.log import record
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Compatibility:
    """Attributes:
    self_service: the system's components answer at `/api/c/self-service-api/{path}`.
    parameter_credentials: credentials count in query and body of the unified endpoint, not in headers alone.
    """

    self_service: bool
    parameter_credentials: bool


class CompatibilityService:
    def __init__(self, systems: ManagedSystems, authorizer: Authorizer) -> None:
        self._systems = systems
        self._authorizer = authorizer

    async def get(self, session: AsyncSession, principal: Principal, name: str) -> Compatibility:
        """Raises NotFound, PermissionDenied."""
        return _of(await self._systems.visible(session, principal, name))

    async def put(self, session: AsyncSession, principal: Principal, name: str, wanted: Compatibility) -> int:
        """Answers the revision.

        Raises:
            NotFound: no such system.
            PermissionDenied: the principal doesn't manage it; or turns self-service on, whose addresses all systems
                share: a system could answer calls that are meant for another.
        """
        system = await self._systems.lock(session, principal, name)
        before = _of(system)
        if wanted.self_service and not before.self_service:
            await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        if before == wanted:
            return await self._systems.revision(session, name)
        system.self_service, system.parameter_credentials = wanted.self_service, wanted.parameter_credentials
        record(
            session,
            principal,
            "system.compatibility_changed",
            "system",
            name,
            before=_document(before),
            after=_document(wanted),
        )
        return await self._systems.publish(session, name)


def _of(system: System) -> Compatibility:
    return Compatibility(system.self_service, system.parameter_credentials)


def _document(compatibility: Compatibility) -> dict[str, bool]:
    return {
        "self_service": compatibility.self_service,
        "parameter_credentials": compatibility.parameter_credentials,
    }
