"""When sessions and API tokens were last used: gathered in memory and written some seconds later.

A request that only reads must not write, and one that writes must not wait for a second transaction.
"""

from datetime import datetime

from gateway.identity.api_tokens.repository import note_used
from gateway.identity.sessions.repository import note_seen
from kernel.db.database import Database


class LastUse:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._sessions: dict[str, datetime] = {}
        self._tokens: dict[str, datetime] = {}

    def of_session(self, session_id: str, moment: datetime) -> None:
        self._sessions[session_id] = moment

    def of_token(self, token_id: str, moment: datetime) -> None:
        self._tokens[token_id] = moment

    async def write(self) -> bool:
        """Writes what was gathered; false, since there is never more to do at once."""
        sessions, self._sessions = self._sessions, {}
        tokens, self._tokens = self._tokens, {}
        if sessions or tokens:
            async with self._database.unit_of_work() as session:
                await note_seen(session, sessions)
                await note_used(session, tokens)
        return False
