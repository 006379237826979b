"""Keys of client certificates that stand under a name among the system's secrets."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.registry.secrets.repository import find_secret
from gateway.registry.upstreams.checks import check_tls
from gateway.snapshot.secrets import SIGNING_KEY
from kernel.errors import Invalid
from kernel.secrets import SecretBox


class NamedClientKeys:
    def __init__(self, secrets: SecretBox) -> None:
        self._secrets = secrets

    async def check(self, session: AsyncSession, system: str, settings: Mapping[str, Any], at: str = "") -> None:
        """Raises Invalid unless the upstream can be reached with the secret that its settings name.

        Args:
            at: what stands before the names of fields in errors.
        """
        tls = settings["tls"]
        name = tls["secret_name"]
        named = await find_secret(session, system, name)
        if named is None:
            raise Invalid.field(
                f"{at}tls.secret_name",
                f"{system} has no secret {name}",
                f"Keep it by PUT /v1/systems/{system}/secrets/{name}",
            )
        key = self._secrets.open(named.sealed, SIGNING_KEY)
        await check_tls(settings["targets"], tls["authority"], tls["certificate"], key, at)
