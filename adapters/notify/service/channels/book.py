"""The channels as they are now: those that an administrator set, and those that are there from the start.

Read from the database for every message, so a change is served at once by every process.
"""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.notify.service.channels.kinds import BUILT_IN, MAIL, Kind
from adapters.notify.service.channels.models import ChannelRow
from adapters.notify.service.channels.repository import ChannelRepository
from adapters.notify.service.errors import ParameterWrong
from adapters.notify.service.transports.smtp import SmtpServer
from kernel.http.component_document import Words
from kernel.secrets import SecretBox, SecretUnreadable
from kernel.settings import Settings

SECRET_PURPOSE = "notify channel"  # noqa: S105  what is sealed, not the secret
USUAL_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """Attributes:
    per_minute, per_receiver_per_hour: 0 for no limit.
    """

    per_minute: int = 0
    per_receiver_per_hour: int = 0
    repeat_minutes: int = 0
    attempts: int = USUAL_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Channel:
    """Attributes:
    server: where mail goes; none for other kinds.
    template: address of Apprise with `${address}`; empty where each user has an address of his own.
    is_set: whether an administrator set it; else it is as it came.
    is_mandatory: people can't keep such messages off.
    """

    msg_type: str
    kind: Kind
    label: Words
    is_active: bool
    limits: Limits
    server: SmtpServer | None = None
    template: str = ""
    shown: str = ""
    is_set: bool = False
    is_mandatory: bool = False


class ChannelBook:
    def __init__(self, repository: ChannelRepository, settings: Settings, secrets: SecretBox) -> None:
        self._repository = repository
        self._settings = settings
        self._secrets = secrets

    async def find(self, session: AsyncSession, msg_type: str) -> Channel | None:
        row = await self._repository.find(session, msg_type)
        return self.read(row) if row is not None else self._built_in(msg_type)

    async def offered(self, session: AsyncSession, msg_type: str) -> Channel:
        """Raises:
        ParameterWrong: no such channel, or it is switched off.
        """
        channel = await self.find(session, msg_type)
        if channel is None or not channel.is_active:
            names = [one.msg_type for one in await self.all(session) if one.is_active]
            raise ParameterWrong("msg_type", f"{msg_type} is not offered; there are {', '.join(names)}")
        return channel

    async def all(self, session: AsyncSession) -> list[Channel]:
        """The ones that are there from the start first, then the others by name."""
        rows = {row.msg_type: row for row in await self._repository.all(session)}
        channels = [self.read(rows.pop(name)) if name in rows else self._known(name) for name in BUILT_IN]
        return channels + [self.read(row) for row in rows.values()]

    def read(self, row: ChannelRow) -> Channel:
        """One whose secret can't be opened, since its root key is not configured, is switched off."""
        is_active = row.is_active
        try:
            secret = self._secrets.open(row.secret_sealed, SECRET_PURPOSE).decode() if row.secret_sealed else ""
        except SecretUnreadable:
            secret, is_active = "", False
        server = SmtpServer(**row.mail, password=secret) if row.mail is not None else None
        return Channel(
            row.msg_type,
            Kind(row.kind),
            Words(row.label, row.label_zh),
            is_active,
            Limits(row.per_minute, row.per_receiver_per_hour, row.repeat_minutes, row.attempts),
            server,
            "" if server is not None else secret,
            row.shown,
            is_set=True,
            is_mandatory=row.is_mandatory,
        )

    def _built_in(self, msg_type: str) -> Channel | None:
        return self._known(msg_type) if msg_type in BUILT_IN else None

    def _known(self, msg_type: str) -> Channel:
        kind, label = BUILT_IN[msg_type]
        if msg_type != MAIL:
            return Channel(msg_type, kind, label, is_active=True, limits=Limits())
        server = self._usual_server()
        return Channel(msg_type, kind, label, bool(server.host), Limits(), server, shown=str(server))

    def _usual_server(self) -> SmtpServer:
        settings = self._settings
        return SmtpServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.mail_from,
            "starttls" if settings.smtp_starttls else "none",
            settings.smtp_username,
            settings.smtp_password.get_secret_value(),
        )
