"""Messages to chats, phones and webhooks, through Apprise."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.content import Content
from adapters.notify.service.transports.outcome import Ending, Outcome
from kernel.transport.addresses import AddressPolicy

_THREADS: Final = 16
_TIMEOUT_SECONDS: Final = 30.0


class ChatSender:
    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="notify-chat")

    async def can_read(self, address: str) -> bool:
        """Whether Apprise makes anything of the address."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _can_read, address)

    async def send(self, kind: Kind, address: str, content: Content) -> Outcome:
        """Sends to one Apprise address; never raises for what the service says."""
        loop = asyncio.get_running_loop()
        sending = loop.run_in_executor(self._threads, _send, loop, self._policy, kind, address, content)
        try:
            return await asyncio.wait_for(sending, _TIMEOUT_SECONDS)
        except TimeoutError:
            return Outcome(Ending.UNKNOWN, f"no answer within {_TIMEOUT_SECONDS:.0f} s")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


# In a thread, and not before it is needed: loading Apprise with its services takes most of a second.


def _can_read(address: str) -> bool:
    from adapters.notify.service.transports.services import target_of  # noqa: PLC0415

    return target_of(address) is not None


def _send(
    loop: asyncio.AbstractEventLoop, policy: AddressPolicy, kind: Kind, address: str, content: Content
) -> Outcome:
    from adapters.notify.service.transports.services import send  # noqa: PLC0415

    return send(loop, policy, kind, address, content)
