"""What uses a named secret of a system, and whether all of it could go on with another value."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.signing.models import StageSigning
from gateway.registry.signing.profiles import check_secret
from gateway.registry.signing.repository import signings_with
from gateway.registry.upstreams.checks import check_tls
from gateway.registry.upstreams.models import StageUpstream
from gateway.registry.upstreams.repository import upstreams_with
from kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class SecretUses:
    """Attributes:
    upstreams: of which it is the client certificate's key.
    """

    signings: list[StageSigning]
    upstreams: list[StageUpstream]

    def __bool__(self) -> bool:
        return bool(self.signings or self.upstreams)

    @property
    def stages(self) -> list[str]:
        return sorted({each.stage for each in self.signings} | {each.stage for each in self.upstreams})

    async def check(self, value: str, field: str) -> None:
        """Raises Invalid naming `field` when one of them can't use the value."""
        for signing in self.signings:
            check_secret(signing.profile, signing.parameters, value, field)
        for upstream in self.upstreams:
            tls = upstream.settings["tls"]
            try:
                await check_tls(upstream.settings["targets"], tls["authority"], tls["certificate"], value.encode())
            except Invalid as error:
                raise Invalid.field(
                    field,
                    f"is no key for the upstream {upstream.name} of stage {upstream.stage}: {error.detail}",
                    "Send the key of its certificate; or keep certificate and key together, and no certificate there",
                ) from error


async def uses_of(session: AsyncSession, system: str, name: str) -> SecretUses:
    return SecretUses(await signings_with(session, system, name), await upstreams_with(session, system, name))
