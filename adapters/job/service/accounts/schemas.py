"""What is asked and answered about accounts and host keys. Secrets are taken and never answered."""

from typing import Annotated

from pydantic import BaseModel, Field

from adapters.job.service.schemas import LARGEST_ID, Asked, Id, Scoped
from kernel.names import NameRule

Port = Annotated[int, Field(ge=1, le=65535)]
Ip = Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[0-9A-Fa-f:.]+$")]
UserName = Annotated[str, Field(max_length=64, pattern=r"^([A-Za-z_][A-Za-z0-9_.\-]*\$?)?$")]


class CreateAccount(Scoped):
    alias: Annotated[str, NameRule] = Field(min_length=1, max_length=128, description="The account's name in calls.")
    account: UserName = Field(min_length=1, description="Its name on the hosts.")
    port: Port = 22
    password: str = Field(default="", max_length=1024, description="Instead of a key.")
    private_key: str = Field(
        default="", max_length=20_000, description="As OpenSSH or PKCS#8 writes it, without a passphrase."
    )
    use_agent: bool = Field(default=False, description="The operator's SSH agent signs in, instead of both.")
    sudo_user: UserName = Field(default="", description="Scripts run as this user, by sudo.")
    sudo_password: str = Field(default="", max_length=1024, description="If sudo asks for one.")
    jump_ip: Ip | None = Field(default=None, description="The host through which others are reached.")
    jump_account_id: Id | None = Field(default=None, description="The account that enters it.")


class UpdateAccount(Scoped):
    """What is left out stays; a secret that is given replaces all secrets."""

    id: Id
    account: UserName | None = Field(default=None, min_length=1)
    port: Port | None = None
    password: str = Field(default="", max_length=1024)
    private_key: str = Field(default="", max_length=20_000)
    use_agent: bool = False
    sudo_user: UserName | None = None
    sudo_password: str = Field(default="", max_length=1024)


class OfAccount(Scoped):
    id: Id


class ListAccounts(Scoped):
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class Account(BaseModel):
    id: int
    bk_scope_type: str
    bk_scope_id: str
    alias: str
    account: str
    port: int
    authentication: str = Field(description="`password`, `key` or `agent`.")
    sudo_user: str
    jump_ip: str
    jump_account_id: int | None
    creator: str
    create_time: int
    last_modify_user: str
    last_modify_time: int


class Accounts(BaseModel):
    start: int
    length: int
    total: int
    data: list[Account]


class AccountId(BaseModel):
    id: int


class ListHostKeys(Asked):
    ip: Ip | None = None
    accepted: bool | None = Field(default=None, description="false: those that wait for a decision.")
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class AcceptHostKey(Asked):
    """One that a host has shown, by its fingerprint; or a new one, by the key itself."""

    bk_cloud_id: int = Field(default=0, ge=0, le=LARGEST_ID)
    ip: Ip
    port: Port = 22
    fingerprint: str = Field(default="", max_length=64, description="SHA256:… of a key that the host has shown.")
    public_key: str = Field(default="", max_length=10_000, description="The key as OpenSSH writes it.")


class OfHostKey(Asked):
    id: Id


class HostKey(BaseModel):
    id: int
    bk_cloud_id: int
    ip: str
    port: int
    fingerprint: str
    public_key: str
    seen_time: int
    accepted_by: str
    accepted_time: int | None


class HostKeys(BaseModel):
    start: int
    length: int
    total: int
    data: list[HostKey]


class HostKeyId(BaseModel):
    id: int
