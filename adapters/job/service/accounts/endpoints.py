"""The components about accounts and host keys."""

from typing import Final

from adapters.job.service.accounts import schemas
from adapters.job.service.accounts.host_keys import HostKeyService
from adapters.job.service.accounts.service import AccountService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_MANAGE: Final = "job:manage"


def register_account_components(app: ComponentApp, accounts: AccountService) -> None:
    app.change(
        "create_account",
        schemas.CreateAccount,
        schemas.AccountId,
        accounts.create_account,
        scope=_MANAGE,
        summary=Words("Create an account", "新建执行账号"),
        description=Words(
            "Whom scripts run as on hosts; its secrets are kept sealed and never answered.",
            "脚本在主机上以何账号运行；密码与密钥加密保存，不会返回。",
        ),
    )
    app.change(
        "update_account",
        schemas.UpdateAccount,
        schemas.AccountId,
        accounts.update_account,
        scope=_MANAGE,
        summary=Words("Change an account", "更新执行账号"),
        description=Words("What is left out stays; secrets are replaced together.", "未给出的保持不变；密钥一并替换。"),
    )
    app.change(
        "delete_account",
        schemas.OfAccount,
        schemas.AccountId,
        accounts.delete_account,
        scope=_MANAGE,
        summary=Words("Delete an account", "删除执行账号"),
        description=Words("Jobs that still wait for it fail.", "仍在等待它的作业将失败。"),
    )
    app.read(
        "get_account_list",
        schemas.ListAccounts,
        schemas.Accounts,
        accounts.get_account_list,
        scope=_READ,
        summary=Words("List accounts", "查询执行账号列表"),
        description=Words("Without their secrets.", "不含密码与密钥。"),
    )


def register_host_key_components(app: ComponentApp, keys: HostKeyService) -> None:
    app.read(
        "list_host_keys",
        schemas.ListHostKeys,
        schemas.HostKeys,
        keys.list_host_keys,
        scope=_READ,
        summary=Words("List host keys", "查询主机公钥"),
        description=Words("Accepted ones and those that hosts have shown.", "已接受的，以及主机出示过的。"),
    )
    app.change(
        "accept_host_key",
        schemas.AcceptHostKey,
        schemas.HostKeyId,
        keys.accept_host_key,
        scope=_MANAGE,
        summary=Words("Accept a host key", "接受主机公钥"),
        description=Words(
            "From now on the host is believed when it shows this key; compare the fingerprint on the host first.",
            "此后主机出示该公钥时予以信任；请先在主机上核对指纹。",
        ),
    )
    app.change(
        "forget_host_key",
        schemas.OfHostKey,
        schemas.HostKeyId,
        keys.forget_host_key,
        scope=_MANAGE,
        summary=Words("Forget a host key", "删除主机公钥"),
        description=Words("The host is not believed by this key any more.", "不再凭此公钥信任该主机。"),
    )
