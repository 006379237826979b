"""Messages to chats and webhooks, through Apprise."""

import asyncio
import logging

import apprise

from adapters.notify.service.content import Content
from adapters.notify.service.mail import plain_text

_TIMEOUT_SECONDS = 30.0
# Apprise writes addresses, which carry rights to post, into its log.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


class ChatSender:
    async def send(self, address: str, content: Content) -> str:
        """Sends to one Apprise address. What went wrong; empty when it was taken."""
        # The first address loads all of Apprise's services, which takes half a second.
        target = await asyncio.to_thread(apprise.Apprise.instantiate, address, suppress_exceptions=True)
        if target is None:
            return "the address can't be read"
        body = plain_text(content.text) if content.body_format == "Html" else content.text
        sender = apprise.Apprise()
        sender.add(target)
        try:
            taken = await asyncio.wait_for(
                sender.async_notify(body=body, title=content.title, interpret_escapes=False), _TIMEOUT_SECONDS
            )
        except TimeoutError:
            return f"no answer within {_TIMEOUT_SECONDS:.0f} s"
        return "" if taken else "the receiving service did not take it"
