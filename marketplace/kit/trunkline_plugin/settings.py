"""What a served plugin is told by its environment, under the names BlueKing's platform uses."""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process serves.

    Attributes:
        environment: `dev`, `stag` or `prod`; in `dev` calls need no gateway and logs can be read over HTTP.
        callback_base: where callbacks come in: the gateway's address of this plugin and its stage.
        public_keys: PEM of the gateway's keys; `public_key_url` is asked for a JWKS beside them.
        callers_in_headers: whoever connects is the gateway, and says by headers who calls; for a host that alone
            reaches the plugin.
        keeps_logs: the lines of runs are kept and can be read over HTTP, as always in `dev`.
        time_offset_hours: of the times told, which bear no zone; eight is Shanghai's.
        extra: upper-case names of the plugin's own `settings` module.
    """

    app_code: str = ""
    app_secret: str = field(default="", repr=False)
    environment: str = "dev"
    gateway: str = ""
    callback_base: str = ""
    public_keys: tuple[str, ...] = ()
    public_key_url: str = ""
    gateway_required: bool = False
    callers_in_headers: bool = False
    keeps_logs: bool = False
    user_token_name: str = "bk_token"  # noqa: S105  a name
    keep_days: int = 30
    threads: int = 64
    time_offset_hours: int = 8
    verify_tls: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_development(self) -> bool:
        return self.environment == "dev"


def read_settings(environ: Mapping[str, str] = os.environ, module: ModuleType | None = None) -> Settings:
    """From the environment, and from the plugin's `bk_plugin.settings`, which comes first."""
    own = {name: getattr(module, name) for name in dir(module) if name.isupper()} if module is not None else {}

    def found(*names: str, default: str = "") -> str:
        return next((str(value) for name in names if (value := own.get(name) or environ.get(name))), default)

    environment = found("BKPAAS_ENVIRONMENT", default="dev")
    gateway = found("BKPAAS_BK_PLUGIN_APIGW_NAME", "BK_APIGW_NAME")
    template = found("BK_APIGW_MANAGER_URL_TMPL", "BK_APIGW_MANAGER_URL_TEMPL", "BK_API_URL_TMPL")
    exempt = own.get("BK_APIGW_REQUIRE_EXEMPT", environ.get("BK_APIGW_REQUIRE_EXEMPT"))
    region = found("BKPAAS_ENGINE_REGION", default="open")
    development = environment == "dev"
    return Settings(
        app_code=found("BKPAAS_APP_ID", "BKPAAS_APP_CODE", "APP_CODE", "BK_APP_CODE"),
        app_secret=found("BKPAAS_APP_SECRET", "BK_APP_SECRET", "APP_TOKEN"),
        environment=environment,
        gateway=gateway,
        callback_base=found("TRUNKLINE_PLUGIN_CALLBACKS") or _callback_base(template, gateway, environment),
        public_keys=_keys(found("APIGW_PUBLIC_KEY", "BK_APIGW_PUBLIC_KEY")),
        public_key_url=found("TRUNKLINE_PLUGIN_KEYS_URL"),
        gateway_required=not (development if exempt is None else _is_on(exempt)),
        callers_in_headers=found("TRUNKLINE_PLUGIN_CALLERS") == "headers",
        keeps_logs=development or _is_on(found("TRUNKLINE_PLUGIN_RUN_LOGS")),
        user_token_name=("bk_ticket" if region == "ieod" else "bk_token") if development else "jwt",
        keep_days=int(found("SCHEDULE_PERSISTENT_DAYS", default="30")),
        threads=int(found("TRUNKLINE_PLUGIN_THREADS", default="64")),
        time_offset_hours=int(found("TRUNKLINE_PLUGIN_TIME_OFFSET", default="8")),
        verify_tls=_is_on(found("TRUNKLINE_PLUGIN_VERIFY_TLS", default="true")),
        extra=own,
    )


def _callback_base(template: str, gateway: str, environment: str) -> str:
    return f"{template.replace('{api_name}', gateway).rstrip('/')}/{environment}" if template else ""


def _is_on(value: Any) -> bool:
    return str(value).lower() not in {"", "0", "false", "no", "off", "none"}


def _keys(text: str) -> tuple[str, ...]:
    """PEM, or PEM in base64 as the platform hands it over."""
    if not text:
        return ()
    if "-----" not in text:
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError("APIGW_PUBLIC_KEY is neither PEM nor PEM in base64") from error
    return (text,)


_current = Settings()


def current() -> Settings:
    """Of this process."""
    return _current


def use(settings: Settings) -> None:
    """Makes these the settings of this process."""
    global _current  # noqa: PLW0603  authors' code asks for them without being handed anything
    _current = settings
