"""Which account a call means."""

import getpass

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.accounts.repository import AccountRepository
from adapters.job.service.errors import Missing, ParameterWrong
from adapters.job.service.schemas import UsingAccount


async def account_of(session: AsyncSession, accounts: AccountRepository, asked: UsingAccount) -> int | None:
    """The account's id; none for this machine's own user, whom scripts run as only on this machine.

    Raises:
        ParameterWrong: the scope has no such account.
    """
    scope = asked.bk_scope_type, asked.bk_scope_id
    if asked.account_id is not None:
        try:
            return (await accounts.account(session, *scope, asked.account_id)).id
        except Missing as missing:
            raise ParameterWrong("account_id", f"{missing.message}; get_account_list has them") from None
    if not asked.account_alias:
        return None
    found = await accounts.by_alias(session, *scope, asked.account_alias)
    if found is not None:
        return found.id
    if asked.account_alias == getpass.getuser():
        return None
    raise ParameterWrong(
        "account_alias", f"{' '.join(scope)} has no account {asked.account_alias}; create_account makes one"
    )
