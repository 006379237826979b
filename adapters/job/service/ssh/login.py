"""How a host is entered: an account with its secrets opened, and the hosts on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.accounts.repository import AccountRepository
from adapters.job.service.accounts.secrets import AccountSecrets, unseal
from adapters.job.service.ssh.agent import SshAgent
from adapters.job.service.together import Together
from kernel.secrets import SecretUnreadable
from kernel.services import KernelServices

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a host answers SSH."""

    cloud_id: int
    ip: str
    port: int

    def __str__(self) -> str:
        return f"{self.ip} port {self.port}"


@dataclass(frozen=True, slots=True)
class Jump:
    place: Place
    login: "Login"


@dataclass(frozen=True, slots=True)
class Login:
    """Attributes:
    account_id, version: of the account, which change with what it holds.
    agent: socket of the SSH agent that signs in, where the account's secrets say so; empty where none may.
    """

    account_id: int
    version: int
    username: str
    port: int
    secrets: AccountSecrets = field(repr=False)
    sudo_user: str
    jump: Jump | None
    agent: str = ""


class AccountGone(Exception):
    """The account was deleted; the text names it."""


class LoginReader:
    """Hosts that are entered at about the same time share one reading of their account."""

    def __init__(self, kernel: KernelServices, accounts: AccountRepository, agent: SshAgent) -> None:
        self._agent = agent
        self._database = kernel.database
        self._secrets = kernel.secrets
        self._accounts = accounts
        self._reading = Together(self._read, _AT_ONCE)

    async def login(self, account_id: int) -> Login:
        """Raises:
        AccountGone: it was deleted.
        SecretUnreadable: its secrets are sealed under a root key that is no longer configured.
        """
        return await self._reading(account_id)

    async def _read(self, account_ids: Sequence[int]) -> Sequence[Login | Exception]:
        found: dict[int, Login | Exception] = {}
        async with self._database.reading() as session:
            for account_id in set(account_ids):
                try:
                    found[account_id] = await self._login(session, account_id)
                except (AccountGone, SecretUnreadable) as error:
                    found[account_id] = error
        return [found[account_id] for account_id in account_ids]

    async def _login(self, session: AsyncSession, account_id: int) -> Login:
        account = await self._accounts.by_id(session, account_id)
        if account is None:
            raise AccountGone(f"account {account_id} was deleted")
        jump = None
        if account.jump_account_id is not None:
            first = await self._login(session, account.jump_account_id)
            jump = Jump(Place(0, account.jump_ip, first.port), first)
        return Login(
            account.id,
            account.last_modify_ms,
            account.account,
            account.port,
            unseal(self._secrets, account.secret_sealed),
            account.sudo_user,
            jump,
            self._agent.socket_for(account.bk_scope_type, account.bk_scope_id),
        )
