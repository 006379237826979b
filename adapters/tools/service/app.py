"""Builds the embedded tools: what flows need beside the inventory, jobs and messages."""

from adapters.tools.service import schemas
from adapters.tools.service.errors import CODES
from adapters.tools.service.models import ToolsIdempotency
from adapters.tools.service.service import ToolsService
from kernel.contracts.system_keys import SystemKeys
from kernel.db.idempotency import IdempotencyLedger
from kernel.http.component_app import ComponentApp, EmbeddedSystem
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces, NonceStore
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient

_REQUEST, _DISPLAY = "tools:request", "tools:display"

FACTS = SystemFacts(
    name="tools",
    aliases=(),
    title=Words("Tools", "常用工具"),
    description=Words(
        "HTTP requests to listed addresses, and values shown in a task.",
        "向已登记的地址发送 HTTP 请求，在任务中展示内容。",
    ),
    version="1.0.0",
    scopes={
        _REQUEST: Words("Send HTTP requests to listed addresses", "向已登记的地址发送 HTTP 请求"),
        _DISPLAY: Words("Show values in a task", "在任务中展示内容"),
    },
)


def build_app(kernel: KernelServices, keys: SystemKeys, nonces: NonceStore | None = None) -> EmbeddedSystem:
    """The tools, ready to be mounted at `/systems/tools`.

    Args:
        keys: the keys with which the gateway signs.
        nonces: where nonces are remembered; the database when not given.
    """
    origins = kernel.settings.http_request_origins
    client = TransportClient(AddressPolicy.allowing(origin for origin in origins if origin != "*"))
    ledger = IdempotencyLedger(ToolsIdempotency, kernel.clock)
    service = ToolsService(kernel.database, ledger, client, origins)
    app = ComponentApp(FACTS, kernel.database, ledger, CODES)
    app.own(
        "http_request",
        schemas.HttpRequest,
        schemas.HttpAnswer,
        service.http_request,
        scope=_REQUEST,
        summary=Words("Send an HTTP request", "发送 HTTP 请求"),
        description=Words(
            "To an address that an operator listed (TRUNKLINE_HTTP_REQUEST_ORIGINS). Redirects are not followed; "
            "an answer has at most 1 MiB.",
            "仅限运维人员登记的地址（TRUNKLINE_HTTP_REQUEST_ORIGINS）；不跟随重定向，响应最多 1 MiB。",
        ),
    )
    app.read(
        "display",
        schemas.Display,
        schemas.Displayed,
        service.display,
        scope=_DISPLAY,
        summary=Words("Show a value", "展示内容"),
        description=Words("Answers what it was given; changes nothing.", "原样返回内容，不做任何修改。"),
    )
    check = SignatureCheck(FACTS.name, keys, nonces or DatabaseNonces(kernel.database, kernel.clock), kernel.clock)
    return app.build(check, max_body_bytes=kernel.settings.max_body_bytes, stop=client.aclose)
