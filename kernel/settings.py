"""Settings from `TRUNKLINE_*` environment variables."""

import base64
import ipaddress
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from kernel.setting_values import (
    check_addresses,
    check_database_address,
    check_log_level,
    check_networks,
    check_redis_address,
    check_web_address,
)

_ED25519_BYTES = 32
_DNS_PORT = 53
_EVERY = "*"
_OWN = "own"

PluginReview = Literal["growth", "all", "off"]


def dns_resolver(text: str) -> tuple[str, int]:
    """Of `9.9.9.9`, `127.0.0.1:5353` or `2620:fe::fe`. Raises ValueError."""
    address, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", str(_DNS_PORT))
    try:
        return str(ipaddress.ip_address(address)), int(port)
    except ValueError as problem:
        raise ValueError(f"{text!r} is no resolver; write it like 9.9.9.9 or 127.0.0.1:5353") from problem


class Settings(BaseSettings):
    """All settings of a process. Built once in the composition root and passed in.

    Attributes:
        database_url: SQLAlchemy address; empty means SQLite in the data directory.
        public_url: the address people and apps use; issuer of tokens.
        gateway_url: where callers inside the product reach the gateway; empty means `public_url`.
        secret_key: 32 random bytes in hex; all secrets at rest are encrypted under it.
        previous_secret_keys: older keys, still able to open what they sealed.
        allowed_upstream_origins: origins inside the machine or network that may be dialled, e.g. `http://127.0.0.1:8080`.
        signing_algorithm: of new keys for access tokens.
        signing_key_days: how old such a key becomes before the next one is made by itself; 0 for ever.
        client_registration: whether clients register themselves (RFC 7591): with a token somebody made, or anybody.
        client_registration_days: how long such a client is kept that nobody used.
        dpop_nonce: DPoP proofs must carry a nonce of ours, which is handed out with the first refusal.
        session_hours: how long a person stays signed in at most.
        session_idle_minutes: how long without a request.
        trusted_proxies: addresses whose `X-Forwarded-For` is believed.
        access_log: a file the gateway appends a line for each call to; `-` is standard output, empty means none.
        bk_login_url: where BlueKing's login service checks a `bk_token`, e.g. `https://bk.example.com/login/api/v2/is_login/`.
        bk_login_page: where people without a login cookie sign in to BlueKing, e.g. `https://bk.example.com/login/`.
        bk_login_creates_users: whoever signs in by BlueKing for the first time gets an account.
        gateway_domain: `example.com` has systems answer at `{system}.example.com/{stage}/{path}` too.
        secrets_dir: a folder of files that hold secrets, as orchestrators mount them: `trunkline_secret_key` and the
            like for the server's own, others for named secrets.
        vault_url: a Vault-compatible server that named secrets may be read from, with `vault_token`.
        mcp_allowed_origins: origins of pages in browsers that may speak to MCP servers, e.g. `https://agent.example`.
        register_embedded: the first start registers the embedded systems and publishes the standard plugins; later
            ones what an upgrade brought.
        job_local_hosts: addresses on which the job system runs scripts itself, as its own user; `own` stands for all
            that this machine has.
        job_networks: networks that jobs and sweeps of the inventory may reach by SSH beside public addresses, e.g.
            `10.0.0.0/8`.
        job_ssh_agent: socket of an SSH agent whose keys enter hosts for accounts that say so.
        job_ssh_agent_scopes: whose accounts may say so, e.g. `biz:2`; `*` stands for all.
        job_local_files_mib: what files that people upload to distribute them may have together.
        http_request_origins: origins that flows may send HTTP requests to, inside the network too; `*` stands for all
            that are public.
        notice_app: the app in whose name people are mailed what becomes of applications for grants; it needs a grant on
            `notify.send_mail`. Empty: nobody is mailed.
        plugin_hosting: installed plugins in Python are run by this server's processes.
        plugin_host_url: where the server that does so is reached; empty means `gateway_url`.
        plugin_isolation: `relaxed` runs them even where the machine lets nothing but limits hold them.
        plugin_memory_mb: MiB of memory of all processes of one plugin together.
        plugin_cpus: processors that all processes of one plugin take at most together, where control groups hold them.
        plugin_disk_mb: MiB of a plugin's own files.
        plugin_idle_minutes: how long a plugin that nobody calls goes on running.
        plugin_wheels: a folder of wheels that plugins' requirements are installed from; none asks pip's index.
        plugin_trust_roots: public keys (Ed25519, base64) of which one must have signed a plugin before it is published.
        plugin_publish_issuers: issuers of tokens (OpenID Connect) by which pipelines publish, e.g.
            `https://token.actions.githubusercontent.com`; each is trusted to say who runs where.
        plugin_identity_days: how long such a token proves who a publisher is, until another one comes; 0 always.
        dns_servers: resolvers asked for the records that verify publishers, as `9.9.9.9` or `127.0.0.1:5353`; empty
            asks those of this machine.
        plugin_review: which versions a person other than their publisher has to approve: those that ask for more than
            the one before (`growth`), `all`, or none (`off`).
        tasks_kept_days: after so many days ended tasks go to the archive, where a project says nothing else; 0 never.
        archive_kept_days: after so many days in the archive tasks are removed from it, likewise; 0 never.
        redis_url: where rate limits and quotas are counted for all processes together, and workers are woken; empty
            counts in each process, and leaves workers of other processes to their own looks.
    """

    model_config = SettingsConfigDict(env_prefix="TRUNKLINE_", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    public_url: str = "http://127.0.0.1:8080"
    gateway_url: str = ""
    secrets_dir: Path | None = None
    vault_url: str = ""
    vault_token: SecretStr = SecretStr("")
    vault_namespace: str = ""
    secret_key: SecretStr = SecretStr("")
    previous_secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    admin_password: SecretStr = SecretStr("")
    allowed_upstream_origins: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    access_token_seconds: int = 3600
    signing_algorithm: Literal["ES256", "EdDSA"] = "ES256"
    signing_key_days: int = Field(default=90, ge=0)
    dpop_nonce: bool = False
    client_registration: Literal["off", "token", "open"] = "off"
    client_registration_days: int = Field(default=7, ge=1)
    session_hours: int = 12
    session_idle_minutes: int = 240
    max_body_bytes: int = 10 * 1024 * 1024
    bk_login_url: str = ""
    bk_login_page: str = ""
    bk_login_creates_users: bool = True
    gateway_domain: str = ""
    mcp_allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    notice_app: str = ""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = False
    mail_from: str = "trunkline@localhost"
    allowed_mail_servers: Annotated[tuple[str, ...], NoDecode] = ()
    notify_kept_days: int = Field(default=90, ge=31)
    embedded_systems: bool = True
    register_embedded: bool = True
    plugin_trust_roots: Annotated[tuple[str, ...], NoDecode] = ()
    plugin_publish_issuers: Annotated[tuple[str, ...], NoDecode] = ()
    plugin_identity_days: int = Field(default=90, ge=0)
    plugin_review: PluginReview = "growth"
    dns_servers: Annotated[tuple[str, ...], NoDecode] = ()
    plugin_hosting: bool = True
    plugin_host_url: str = ""
    plugin_isolation: Literal["required", "relaxed"] = "required"
    plugin_memory_mb: int = Field(default=512, ge=64)
    plugin_cpus: float = Field(default=1, ge=0.1, le=1024)
    plugin_disk_mb: int = Field(default=1024, ge=16)
    plugin_idle_minutes: float = Field(default=5, gt=0)
    plugin_wheels: Path | None = None
    job_local_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    job_networks: Annotated[tuple[str, ...], NoDecode] = ()
    job_ssh_agent: str = ""
    job_ssh_agent_scopes: Annotated[tuple[str, ...], NoDecode] = ()
    job_local_files_mib: int = Field(default=2048, ge=0)
    http_request_origins: Annotated[tuple[str, ...], NoDecode] = ()
    tasks_kept_days: int = Field(default=0, ge=0)
    archive_kept_days: int = Field(default=0, ge=0)
    log_level: str = "INFO"
    log_json: bool = False
    access_log: str = ""

    @field_validator(
        "previous_secret_keys",
        "allowed_upstream_origins",
        "allowed_mail_servers",
        "trusted_proxies",
        "mcp_allowed_origins",
        "job_local_hosts",
        "job_networks",
        "job_ssh_agent_scopes",
        "http_request_origins",
        "plugin_trust_roots",
        "plugin_publish_issuers",
        "dns_servers",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, text: str) -> str:
        check_web_address(text)
        return text

    @field_validator("gateway_url", "plugin_host_url", "vault_url", "bk_login_url", "bk_login_page")
    @classmethod
    def _is_web_address_or_none(cls, text: str) -> str:
        if text:
            check_web_address(text)
        return text

    @field_validator("allowed_upstream_origins", "http_request_origins", "plugin_publish_issuers")
    @classmethod
    def _are_web_addresses(cls, texts: tuple[str, ...], given: ValidationInfo) -> tuple[str, ...]:
        for text in texts:
            if (given.field_name, text) != ("http_request_origins", _EVERY):
                check_web_address(text)
        return texts

    @field_validator("job_networks")
    @classmethod
    def _are_networks(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        check_networks(texts)
        return texts

    @field_validator("trusted_proxies", "job_local_hosts")
    @classmethod
    def _are_machines(cls, texts: tuple[str, ...], given: ValidationInfo) -> tuple[str, ...]:
        check_addresses(text for text in texts if (given.field_name, text) != ("job_local_hosts", _OWN))
        return texts

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, text: str) -> str:
        if text:
            check_database_address(text)
        return text

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, text: str) -> str:
        if text:
            check_redis_address(text)
        return text

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, text: str) -> str:
        check_log_level(text)
        return text

    @field_validator("dns_servers")
    @classmethod
    def _are_addresses(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        for server in servers:
            dns_resolver(server)
        return servers

    @field_validator("plugin_trust_roots")
    @classmethod
    def _are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            try:
                length = len(base64.b64decode(key, validate=True))
            except ValueError:
                length = 0
            if length != _ED25519_BYTES:
                raise ValueError(f"{key!r} is no public key as `trunkline plugin key` prints it")
        return keys

    @field_validator("allowed_mail_servers")
    @classmethod
    def _have_ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for server in value:
            host, _, port = server.rpartition(":")
            if not host or not port.isdecimal():
                raise ValueError(f"{server} has no port; write it as mail.corp.example:587")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Files in the folder of secrets say what the environment doesn't."""
        folder = os.environ.get("TRUNKLINE_SECRETS_DIR")
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder) if folder else file_secret_settings
        return init_settings, env_settings, dotenv_settings, files

    @property
    def effective_database_url(self) -> str:
        if self.database_url:
            return self.database_url
        return f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'trunkline.db'}"

    @property
    def dns_resolvers(self) -> tuple[tuple[str, int], ...]:
        """`dns_servers` as address and port."""
        return tuple(dns_resolver(server) for server in self.dns_servers)

    @property
    def effective_gateway_url(self) -> str:
        return (self.gateway_url or self.public_url).rstrip("/")
