"""Builds the embedded notification system."""

from dataclasses import dataclass

from adapters.notify.service.channels.addresses import AddressRules
from adapters.notify.service.channels.book import ChannelBook
from adapters.notify.service.channels.endpoints import register_channel_components
from adapters.notify.service.channels.repository import ChannelRepository
from adapters.notify.service.channels.service import ChannelService
from adapters.notify.service.channels.testing import ChannelTester
from adapters.notify.service.counting import DeliveryCounts
from adapters.notify.service.delivery.courier import Courier
from adapters.notify.service.delivery.dispatcher import Dispatcher
from adapters.notify.service.delivery.journal import Journal
from adapters.notify.service.delivery.lease import Leases
from adapters.notify.service.delivery.outbox import Outbox
from adapters.notify.service.delivery.repeats import RepeatGuard
from adapters.notify.service.delivery.targets import TargetFinder
from adapters.notify.service.endpoints import register_components, register_record_components
from adapters.notify.service.errors import CODES
from adapters.notify.service.models import NotifyIdempotency
from adapters.notify.service.notices import NoticePlanner
from adapters.notify.service.people.book import AddressBook
from adapters.notify.service.people.endpoints import register_preference_components
from adapters.notify.service.people.own import OwnNotifications
from adapters.notify.service.people.preference_service import PreferenceBook, PreferenceService
from adapters.notify.service.people.repository import PeopleRepository
from adapters.notify.service.people.service import AddressService
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.sending import MessageSender
from adapters.notify.service.service import NotifyService
from adapters.notify.service.templates.endpoints import register_template_components
from adapters.notify.service.templates.repository import TemplateRepository
from adapters.notify.service.templates.service import TemplateService
from adapters.notify.service.transports.chat import ChatSender
from adapters.notify.service.transports.smtp import Mailer
from kernel.contracts.profiles import NoProfiles, Profiles
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices
from kernel.settings import Settings
from kernel.transport.addresses import AddressPolicy
from kernel.transport.origin import Origin

FACTS = SystemFacts(
    name="notify",
    aliases=("cmsi",),
    title=Words("Notifications", "消息通知"),
    description=Words("Sends mail and messages to users.", "向用户发送邮件与消息。"),
    version="1.0.0",
    scopes={
        "notify:read": Words("See kinds of message and own deliveries", "查看消息类型与自己的发送记录"),
        "notify:send": Words("Send mail and messages", "发送邮件与消息"),
        "notify:manage": Words(
            "Set channels and users' addresses, see all deliveries", "管理通道与用户地址，查看全部发送记录"
        ),
    },
)


@dataclass(frozen=True, slots=True)
class NotifySystem:
    """Attributes:
    embedded: what the composition root mounts.
    dispatcher: sends what waits; works from `embedded.start` on.
    counts: of this process's deliveries.
    own: what people set for themselves.
    """

    embedded: EmbeddedSystem
    dispatcher: Dispatcher
    counts: DeliveryCounts
    own: OwnNotifications


def build_notify(
    kernel: KernelServices,
    keys: SystemKeys,
    nonces: NonceStore | None = None,
    profiles: Profiles | None = None,
) -> NotifySystem:
    """The notification system, ready to be mounted at `/systems/notify`.

    Args:
        keys: the keys with which the gateway signs.
        nonces: where nonces are remembered; the database when not given.
        profiles: where mail addresses of users are found that have none here.
    """
    settings, database, clock = kernel.settings, kernel.database, kernel.clock
    repository, people, counts = NotifyRepository(), PeopleRepository(), DeliveryCounts()
    policy = AddressPolicy.allowing(settings.allowed_upstream_origins)
    rules, chats, mailer = AddressRules(policy), ChatSender(policy), Mailer(_mail_policy(settings))
    book = ChannelBook(ChannelRepository(), settings, kernel.secrets)
    addresses = AddressBook(people, kernel.secrets, profiles or NoProfiles())
    preferences, templates = PreferenceBook(people, clock), TemplateService(TemplateRepository(), clock)
    targets = TargetFinder(addresses, rules)
    repeats = RepeatGuard()
    outbox = Outbox(targets, repeats, kernel.secrets, clock)
    leases = Leases(database, repository, clock)
    journal = Journal(repository, repeats, counts, clock)
    courier = Courier(database, repository, book, targets, outbox, journal, leases, mailer, chats, clock)
    dispatcher = Dispatcher(database, repository, courier, leases, repeats, clock, settings.notify_kept_days)

    ledger = IdempotencyLedger(NotifyIdempotency, clock)
    notices = NoticePlanner(book, addresses, preferences, templates)
    sender = MessageSender(database, repository, ledger, book, preferences, notices, outbox, courier, leases)
    service = NotifyService(repository, book, clock)
    app = ComponentApp(FACTS, database, ledger, CODES)
    people_addresses = AddressService(people, book, rules, kernel.secrets, clock)
    people_preferences = PreferenceService(people, clock)
    register_components(app, service, sender, people_addresses)
    register_record_components(app, service)
    register_preference_components(app, people_preferences)
    register_template_components(app, templates)
    register_channel_components(
        app,
        ChannelService(ChannelRepository(), book, rules, chats, kernel.secrets, clock),
        ChannelTester(database, book, targets, mailer, chats, clock),
    )
    check = SignatureCheck(FACTS.name, keys, nonces or DatabaseNonces(database, clock), clock)

    async def stop() -> None:
        await dispatcher.stop()
        await sender.stop()
        chats.close()

    embedded = app.build(check, max_body_bytes=settings.max_body_bytes, start=dispatcher.start, stop=stop)
    own = OwnNotifications(people, book, addresses, people_addresses, people_preferences)
    return NotifySystem(embedded, dispatcher, counts, own)


def _mail_policy(settings: Settings) -> AddressPolicy:
    """Public mail servers, the one of the process's settings, and those that an operator listed."""
    listed = [server.rpartition(":") for server in settings.allowed_mail_servers]
    origins = {Origin("https", host.strip("[]").lower(), int(port)) for host, _, port in listed}
    return AddressPolicy(frozenset({*origins, Origin("https", settings.smtp_host.lower(), settings.smtp_port)}))
