"""Handing a message over to those who deliver it, with each step written down on both sides of it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.chat import ChatSender
from adapters.notify.service.mail import Mailer, MailResult
from adapters.notify.service.models import NotifyIdempotency
from adapters.notify.service.outbox import Addressee, Dispatch
from adapters.notify.service.repository import NotifyRepository
from kernel.clock import Clock
from kernel.db.database import Database
from kernel.db.idempotency import IdempotencyLedger, KeyedRequest

Outcome = tuple[str, str]
"""State and error of a delivery."""


class KeyTaken(Exception):
    """Another call has the key: it came first, or took the message over from one that was silent for too long."""

    def __init__(self, keyed: KeyedRequest) -> None:
        super().__init__()
        self.keyed = keyed


class Courier:
    def __init__(
        self,
        database: Database,
        repository: NotifyRepository,
        ledger: IdempotencyLedger[NotifyIdempotency],
        mailer: Mailer,
        clock: Clock,
        me: str,
    ) -> None:
        self._database = database
        self._repository = repository
        self._ledger = ledger
        self._mailer = mailer
        self._chats = ChatSender()
        self._clock = clock
        self._me = me

    async def deliver(self, dispatch: Dispatch) -> dict[str, Outcome]:
        """Sends what is not settled yet. Receiver → outcome; the last ones are for the caller to write down.

        Raises:
            KeyTaken: before anything was handed over that is not on record.
        """
        outcomes = {
            one.receiver: (one.delivery.state, one.delivery.error)
            if one.is_settled
            else ("failed", f"has no {dispatch.message.msg_type} address that may be used")
            for one in dispatch.addressees
        }
        open_ones = [one for one in dispatch.addressees if one.address and not one.is_settled]
        if dispatch.mail is None:
            for one in open_ones:
                outcomes[one.receiver] = await self._post(dispatch, one)
        elif open_ones:
            addresses = list(dict.fromkeys(one.address for one in open_ones))
            result = await self._mailer.send(dispatch.mail, addresses, lambda: self._hand_over(dispatch, open_ones))
            outcomes.update({one.receiver: _mail_outcome(result, one.address) for one in open_ones})
        return outcomes

    async def settle(self, session: AsyncSession, dispatch: Dispatch, outcomes: dict[str, Outcome]) -> None:
        """Writes outcomes down in the caller's unit of work."""
        now = self._clock.now()
        for one in dispatch.addressees:
            if one.receiver in outcomes and not one.is_settled:
                await self._repository.finish(session, one.delivery.id, *outcomes[one.receiver], now)

    async def _post(self, dispatch: Dispatch, one: Addressee) -> Outcome:
        await self._hand_over(dispatch, [one])
        error = await self._chats.send(one.address, dispatch.order.content)
        outcome = ("failed" if error else "sent", error)
        async with self._database.unit_of_work() as session:
            await self.settle(session, dispatch, {one.receiver: outcome})
        return outcome

    async def _hand_over(self, dispatch: Dispatch, addressees: Sequence[Addressee]) -> None:
        """From here on the other side may have the message: a crash before leaves it certainly unsent."""
        keyed = dispatch.order.keyed
        async with self._database.unit_of_work() as session:
            if keyed is not None and not await self._ledger.renew(session, keyed, self._me):
                raise KeyTaken(keyed)
            await self._repository.mark_handing_over(session, [one.delivery.id for one in addressees])


def _mail_outcome(result: MailResult, address: str) -> Outcome:
    error = result.errors.get(address, "")
    if not error:
        return "sent", ""
    return ("unknown" if result.unknown else "failed"), error
