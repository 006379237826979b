"""A project's secrets for its plugins (contract `kernel.contracts.project_secrets.ProjectSecrets`)."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.project_secrets.models import ProjectSecret
from gateway.identity.project_secrets.repository import names_of_project_secrets, project_secrets_named
from gateway.identity.project_secrets.sealing import purpose
from gateway.secrets.references import from_document
from kernel.db.database import Database
from kernel.secret_sources.errors import SecretUnavailable
from kernel.secret_sources.source import SecretSources
from kernel.secrets import SecretBox, SecretUnreadable


class OpenedProjectSecrets:
    """No copy of what an outside source has is kept: a secret that is taken back there is gone here."""

    def __init__(self, database: Database, sources: SecretSources, secrets: SecretBox) -> None:
        self._database = database
        self._sources = sources
        self._secrets = secrets

    async def names(self, session: AsyncSession, project_id: str) -> frozenset[str]:
        """See the contract."""
        return await names_of_project_secrets(session, project_id)

    async def open(self, project_id: str, names: Collection[str]) -> dict[str, str]:
        """See the contract."""
        async with self._database.reading() as session:
            rows = await project_secrets_named(session, project_id, names)
        return {row.name: await self._value(row) for row in rows}

    async def _value(self, row: ProjectSecret) -> str:
        try:
            if row.reference is not None:
                return (await self._sources.read(from_document(row.reference))).decode()
            return self._secrets.open(row.sealed or "", purpose(row.project_id, row.name)).decode()
        except SecretUnavailable as error:
            raise SecretUnavailable(f"the secret {row.name}: {error}", temporary=error.temporary) from error
        except SecretUnreadable as error:
            raise SecretUnavailable(f"the secret {row.name}: {error}") from error
        except UnicodeDecodeError as error:
            raise SecretUnavailable(f"the secret {row.name}: its source gives no UTF-8 text") from error
