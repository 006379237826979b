"""Tokens tasks act with (contract `kernel.contracts.task_tokens.TaskTokenMinter`)."""

from gateway.identity.projects.repository import find_project
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.scopes import allowed_scopes
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from kernel.clock import Clock
from kernel.contracts.task_tokens import TaskToken
from kernel.db.database import Database
from kernel.errors import NotFound

_SECONDS = 600


class ServiceAppTokenMinter:
    def __init__(self, database: Database, keyring: SigningKeyring, issuer: AccessTokenIssuer, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._issuer = issuer
        self._clock = clock

    async def mint(
        self, *, project_id: str, task_id: str, on_behalf_of: str, scopes: frozenset[str], launched_by: str = ""
    ) -> TaskToken:
        """See the contract; the token lives ten minutes. Raises NotFound for an unknown project."""
        async with self._database.reading() as session:
            project = await find_project(session, project_id)
            if project is None:
                raise NotFound(f"There is no project {project_id}")
            allowed = await allowed_scopes(session, project.service_app_code, self._clock.now(), scopes)
            signer = await self._keyring.signer(session)
        actor = {"sub": on_behalf_of, **({"act": {"sub": launched_by}} if launched_by else {})}
        token = self._issuer.issue(
            signer,
            app_code=project.service_app_code,
            scopes=scopes & allowed.all,
            seconds=_SECONDS,
            claims={"act": actor, "project_id": project.id, "task_id": task_id},
        )
        return TaskToken(token.value, token.scopes, token.expires_at)
