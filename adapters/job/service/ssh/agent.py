"""An SSH agent that the operator runs: its keys sign in, and never come here."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncssh

from adapters.job.service.accounts.secrets import KeyUnreadable

EVERY_SCOPE = "*"


@dataclass(frozen=True, slots=True)
class SshAgent:
    """Attributes:
    socket: path of its socket; empty without one.
    scopes: whose accounts may sign in by it, as `biz:2`; `*` for all.
    """

    socket: str
    scopes: tuple[str, ...]

    def socket_for(self, scope_type: str, scope_id: str) -> str:
        """Its socket; empty where accounts of this scope have none."""
        return self.socket if {EVERY_SCOPE, f"{scope_type}:{scope_id}"}.intersection(self.scopes) else ""


async def agent_keys(socket: str, stack: AsyncExitStack) -> Sequence[asyncssh.SSHKeyPair]:
    """The keys it signs with, as long as the stack is open.

    Raises:
        KeyUnreadable: it can't be asked, or has none.
    """
    if not socket:
        raise KeyUnreadable("the operator lets this scope use no SSH agent (TRUNKLINE_JOB_SSH_AGENT_SCOPES)")
    try:
        agent = await stack.enter_async_context(asyncssh.connect_agent(socket))
        keys = await agent.get_keys()
    except (OSError, ValueError) as error:
        raise KeyUnreadable(f"the SSH agent can't be asked: {error}") from None
    if not keys:
        raise KeyUnreadable("the SSH agent holds no key")
    return keys
