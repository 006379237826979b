"""Tokens tasks act with (contract `kernel.contracts.task_tokens.TaskTokenMinter`)."""

from typing import Final, NamedTuple

from gateway.identity.projects.repository import find_project
from gateway.oauth.keys.key_pairs import Signer
from gateway.oauth.keys.keyring import SigningKeyring
from gateway.oauth.scopes import allowed_scopes
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from kernel.clock import Clock
from kernel.contracts.task_tokens import TaskToken
from kernel.db.database import Database
from kernel.errors import NotFound
from kernel.timed_cache import TimedCache

_SECONDS = 600
_REMEMBERED_SECONDS: Final = 2.0
"""Tasks begin in bursts. A grant withdrawn meanwhile opens nothing: the gateway checks it at every call."""


class _Wanted(NamedTuple):
    project_id: str
    scopes: frozenset[str]


class _Rights(NamedTuple):
    """Attributes:
    scopes: those of the wanted ones that are granted.
    """

    service_app_code: str
    scopes: frozenset[str]
    signer: Signer


class ServiceAppTokenMinter:
    def __init__(self, database: Database, keyring: SigningKeyring, issuer: AccessTokenIssuer, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._issuer = issuer
        self._clock = clock
        self._rights = TimedCache(self._read, seconds=_REMEMBERED_SECONDS)

    async def mint(
        self, *, project_id: str, task_id: str, on_behalf_of: str, scopes: frozenset[str], launched_by: str = ""
    ) -> TaskToken:
        """See the contract; the token lives ten minutes. Raises NotFound for an unknown project."""
        wanted = _Wanted(project_id, scopes)
        rights = await self._rights.get(wanted)
        if rights.scopes != scopes:  # what lacks may be granted any moment
            self._rights.forget(wanted)
        actor = {"sub": on_behalf_of, **({"act": {"sub": launched_by}} if launched_by else {})}
        token = self._issuer.issue(
            rights.signer,
            app_code=rights.service_app_code,
            scopes=rights.scopes,
            seconds=_SECONDS,
            claims={"act": actor, "project_id": project_id, "task_id": task_id},
        )
        return TaskToken(token.value, token.scopes, token.expires_at)

    def forget(self) -> None:
        self._rights.clear()

    async def _read(self, wanted: _Wanted) -> _Rights:
        async with self._database.reading() as session:
            project = await find_project(session, wanted.project_id)
            if project is None:
                raise NotFound(f"There is no project {wanted.project_id}")
            app = project.service_app_code
            allowed = await allowed_scopes(session, app, self._clock.now(), wanted.scopes)
            return _Rights(app, wanted.scopes & allowed.all, await self._keyring.signer(session))
