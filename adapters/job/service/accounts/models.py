"""Whom scripts run as on other machines, and the keys by which those machines are known."""

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import SealedText


class JobAccount(SQLModel, table=True):
    """An account on hosts, for the jobs of one scope.

    Attributes:
        alias: its name in calls. account: its name on the hosts.
        secret_sealed: password, private key, passphrase and sudo password, as far as it has them.
        sudo_user: scripts run as this user, by sudo; empty without.
        jump_ip, jump_account_id: hosts are reached through this one, which is entered by that account.
    """

    __tablename__ = "adapter_job_account"
    __table_args__ = (UniqueConstraint("bk_scope_type", "bk_scope_id", "alias"),)

    id: int = Field(default=None, primary_key=True)
    bk_scope_type: str = Field(max_length=16)
    bk_scope_id: str = Field(max_length=32)
    alias: str = Field(max_length=128)
    account: str = Field(max_length=64)
    port: int
    secret_sealed: str = Field(sa_type=SealedText)
    sudo_user: str = Field(default="", max_length=64)
    jump_ip: str = Field(default="", max_length=64)
    jump_account_id: int | None = Field(default=None, foreign_key="adapter_job_account.id")
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)
    last_modify_user: str = Field(max_length=128)
    last_modify_ms: int = Field(sa_type=BigInteger)


class JobHostKey(SQLModel, table=True):
    """A key that a host has shown, or that an administrator entered.

    Attributes:
        public_key: one line as OpenSSH writes it.
        accepted_by: who accepted it; empty for one that was only seen: such a key opens nothing.
    """

    __tablename__ = "adapter_job_host_key"
    __table_args__ = (UniqueConstraint("bk_cloud_id", "ip", "port", "fingerprint"),)

    id: int = Field(default=None, primary_key=True)
    bk_cloud_id: int
    ip: str = Field(max_length=64)
    port: int
    fingerprint: str = Field(max_length=64)
    public_key: str = Field(sa_type=Text)
    seen_ms: int = Field(sa_type=BigInteger)
    accepted_by: str = Field(default="", max_length=128)
    accepted_ms: int | None = Field(default=None, sa_type=BigInteger)
