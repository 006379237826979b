"""Accounts on hosts: made, changed, removed and listed. No secret ever comes out."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.accounts import schemas
from adapters.job.service.accounts.models import JobAccount
from adapters.job.service.accounts.repository import AccountRepository
from adapters.job.service.accounts.secrets import AccountSecrets, KeyUnreadable, seal, unseal
from adapters.job.service.errors import NotNow, ParameterWrong
from adapters.job.service.repository import milliseconds
from adapters.job.service.ssh.agent import SshAgent
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox

_MOST_JUMPS = 3


class AccountService:
    def __init__(self, repository: AccountRepository, secrets: SecretBox, clock: Clock, agent: SshAgent) -> None:
        self._repository = repository
        self._agent = agent
        self._secrets = secrets
        self._clock = clock

    async def create_account(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateAccount) -> Any:
        secrets = self._secrets_of(asked)
        if secrets is None:
            raise ParameterWrong("password", "is missing; send it, private_key or use_agent")
        scope = asked.bk_scope_type, asked.bk_scope_id
        if await self._repository.by_alias(session, *scope, asked.alias) is not None:
            raise ParameterWrong("alias", f"{asked.alias} exists already in {' '.join(scope)}")
        await self._check_jump(session, asked)
        now = milliseconds(self._clock.now())
        account = JobAccount(
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            alias=asked.alias,
            account=asked.account,
            port=asked.port,
            secret_sealed=seal(self._secrets, secrets),
            sudo_user=asked.sudo_user,
            jump_ip=asked.jump_ip or "",
            jump_account_id=asked.jump_account_id,
            creator=_who(caller),
            create_ms=now,
            last_modify_user=_who(caller),
            last_modify_ms=now,
        )
        session.add(account)
        await session.flush()
        _audit(session, caller, "job_account.created", account, after=_facts(account))
        return {"id": account.id}

    async def update_account(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateAccount) -> Any:
        account = await self._repository.account(session, asked.bk_scope_type, asked.bk_scope_id, asked.id)
        before = _facts(account)
        secrets = self._secrets_of(asked)
        if secrets is not None:
            account.secret_sealed = seal(self._secrets, secrets)
        for name in ("account", "port", "sudo_user"):
            if getattr(asked, name) is not None:
                setattr(account, name, getattr(asked, name))
        account.last_modify_user = _who(caller)
        account.last_modify_ms = milliseconds(self._clock.now())
        after = {**_facts(account), "secret": "replaced" if secrets is not None else "kept"}
        _audit(session, caller, "job_account.updated", account, before=before, after=after)
        return {"id": account.id}

    async def delete_account(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfAccount) -> Any:
        account = await self._repository.account(session, asked.bk_scope_type, asked.bk_scope_id, asked.id)
        users = await self._repository.jumping_over(session, account.id)
        if users:
            raise NotNow(f"Hosts are reached by this account for {', '.join(users)}; delete those first")
        _audit(session, caller, "job_account.deleted", account, before=_facts(account))
        await session.delete(account)
        return {"id": asked.id}

    async def get_account_list(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListAccounts) -> Any:
        scope = asked.bk_scope_type, asked.bk_scope_id
        total, rows = await self._repository.listed(session, *scope, asked.start, asked.length)
        data = [self._shown(row) for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    def _secrets_of(self, asked: schemas.CreateAccount | schemas.UpdateAccount) -> AccountSecrets | None:
        if asked.use_agent and not self._agent.socket_for(asked.bk_scope_type, asked.bk_scope_id):
            raise ParameterWrong("use_agent", "is not for this scope; an operator sets TRUNKLINE_JOB_SSH_AGENT_SCOPES")
        return _secrets_of(asked)

    async def _check_jump(self, session: AsyncSession, asked: schemas.CreateAccount) -> None:
        if (asked.jump_ip is None) != (asked.jump_account_id is None):
            raise ParameterWrong("jump_ip", "and jump_account_id go together; send both or neither")
        jumps, next_id = 0, asked.jump_account_id
        while next_id is not None:
            account = await self._repository.account(session, asked.bk_scope_type, asked.bk_scope_id, next_id)
            jumps, next_id = jumps + 1, account.jump_account_id
        if jumps > _MOST_JUMPS:
            raise ParameterWrong("jump_account_id", f"leads over {jumps} hosts; at most {_MOST_JUMPS} are gone through")

    def _shown(self, row: JobAccount) -> dict[str, Any]:
        return {
            "id": row.id,
            "bk_scope_type": row.bk_scope_type,
            "bk_scope_id": row.bk_scope_id,
            **_facts(row),
            "authentication": unseal(self._secrets, row.secret_sealed).authentication,
            "creator": row.creator,
            "create_time": row.create_ms,
            "last_modify_user": row.last_modify_user,
            "last_modify_time": row.last_modify_ms,
        }


def _secrets_of(asked: schemas.CreateAccount | schemas.UpdateAccount) -> AccountSecrets | None:
    """The secrets of a call; none when it has none.

    Raises:
        ParameterWrong: several ways to sign in, none beside a sudo password, or a key that can't be read.
    """
    secrets = AccountSecrets(asked.password, asked.private_key, asked.sudo_password, asked.use_agent)
    ways = [name for name in ("password", "private_key", "use_agent") if getattr(asked, name)]
    if len(ways) > 1:
        raise ParameterWrong(ways[0], f"and {ways[1]} exclude each other")
    if not ways:
        if asked.sudo_password:
            raise ParameterWrong(
                "password", "is missing; secrets are replaced together, so send it, private_key or use_agent too"
            )
        return None
    for name in ("password", "sudo_password"):
        if "\n" in getattr(asked, name) or "\x00" in getattr(asked, name):
            raise ParameterWrong(name, "is more than one line")
    try:
        secrets.key()
    except KeyUnreadable as error:
        raise ParameterWrong("private_key", str(error)) from None
    return secrets


def _who(caller: SignedCaller) -> str:
    return caller.user or caller.app


def _facts(account: JobAccount) -> dict[str, Any]:
    return {
        "alias": account.alias,
        "account": account.account,
        "port": account.port,
        "sudo_user": account.sudo_user,
        "jump_ip": account.jump_ip,
        "jump_account_id": account.jump_account_id,
    }


def _audit(session: AsyncSession, caller: SignedCaller, action: str, account: JobAccount, **change: Any) -> None:
    record(session, caller.principal, action, "job_account", str(account.id), **change)
