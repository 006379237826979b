"""Slows down guessing of passwords, counted for all processes together.

Three counts of failures, each over five minutes from the first: of one account from one address, of one address over
all accounts, and of one account over all addresses. The last alone would let a stranger lock a person out, so it does
not bind a browser in which that person has signed in before: that has a count of its own, and a stranger cannot know
its mark.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from gateway.identity.sessions.repository import count_attempt, forget_attempts, forget_old_attempts, take_back_attempt
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.errors import TooManyRequests

ACCOUNT_AT_ADDRESS: Final = 5
ADDRESS: Final = 50
ACCOUNT: Final = 30
_WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Attributes:
    own: the count that is forgotten when the attempt succeeds; of the `others` it is only taken back.
    """

    own: str
    others: tuple[str, ...]


class SignInThrottle:
    def __init__(self, database: Database, clock: Clock, key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._key = key

    async def begin(self, username: str, ip: str, known_browser: str = "") -> Attempt:
        """Counts an attempt as failed until `succeeded` says otherwise, so that many at once count as many.

        Args:
            known_browser: the mark that the browser was given when somebody signed in there.

        Raises:
            TooManyRequests: with Retry-After, while too many have failed.
        """
        if known_browser and hmac.compare_digest(known_browser, self.mark_of(username)):
            own, limits = _key("browser", username), {}
        else:
            own = _key("both", username, ip)
            limits = {_key("address", ip): ADDRESS, _key("account", username): ACCOUNT}
        now = self._clock.now()
        refused_until: datetime | None = None
        async with self._database.unit_of_work() as session:
            # In one order for all, so that no two wait for each other.
            for key, limit in sorted((limits | {own: ACCOUNT_AT_ADDRESS}).items()):
                count, since = await count_attempt(session, key, now, now - _WINDOW)
                if count > limit:
                    refused_until = max(refused_until or since, since) + _WINDOW
        if refused_until is not None:
            wait = max(1, ceil((refused_until - now).total_seconds()))
            raise TooManyRequests(
                f"Too many failed attempts; try again in {wait} s", headers={"Retry-After": str(wait)}
            )
        return Attempt(own, tuple(limits))

    async def succeeded(self, attempt: Attempt) -> None:
        async with self._database.unit_of_work() as session:
            await forget_attempts(session, attempt.own)
            for key in sorted(attempt.others):
                await take_back_attempt(session, key)
            await forget_old_attempts(session, self._clock.now() - _WINDOW)

    def mark_of(self, username: str) -> str:
        """What a browser keeps to be known as one in which this person has signed in."""
        return hmac.digest(self._key, b"browser of " + username.encode("utf-8", "surrogatepass"), "sha256").hex()


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
