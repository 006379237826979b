"""Builds the embedded notification system."""

from adapters.notify.service.endpoints import register_components
from adapters.notify.service.errors import CODES
from adapters.notify.service.models import NotifyIdempotency
from adapters.notify.service.repository import NotifyRepository
from adapters.notify.service.sending import MessageSender
from adapters.notify.service.service import NotifyService
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices

FACTS = SystemFacts(
    name="notify",
    aliases=("cmsi",),
    title=Words("Notifications", "消息通知"),
    description=Words("Sends mail and messages to users.", "向用户发送邮件与消息。"),
    version="1.0.0",
    scopes={
        "notify:read": Words("See kinds of message and own deliveries", "查看消息类型与自己的发送记录"),
        "notify:send": Words("Send mail and messages", "发送邮件与消息"),
        "notify:manage": Words("Set users' addresses", "设置用户地址"),
    },
)


def build_app(kernel: KernelServices, keys: SystemKeys, nonces: NonceStore | None = None) -> EmbeddedSystem:
    """The notification system, ready to be mounted at `/systems/notify`.

    Args:
        keys: the keys with which the gateway signs.
        nonces: where nonces are remembered; the database when not given.
    """
    repository = NotifyRepository()
    ledger = IdempotencyLedger(NotifyIdempotency, kernel.clock)
    app = ComponentApp(FACTS, kernel.database, ledger, CODES)
    register_components(
        app,
        NotifyService(repository, kernel.settings, kernel.secrets, kernel.clock),
        MessageSender(kernel.database, repository, ledger, kernel.settings, kernel.secrets, kernel.clock),
    )
    remembered = nonces or DatabaseNonces(kernel.database, kernel.clock)
    check = SignatureCheck(FACTS.name, keys, remembered, kernel.clock)
    return app.build(check, max_body_bytes=kernel.settings.max_body_bytes)
