"""``X-Bkapi-Debug-Info``: where a call went, for clients that send ``X-Bkapi-Debug: true``."""

import json
from typing import TYPE_CHECKING

from gateway.dataplane.call import Call
from gateway.dataplane.headers import InboundHeaders

if TYPE_CHECKING:
    from gateway.dataplane.journey import Journey


DEBUG = b"x-bkapi-debug"


def asks(headers: InboundHeaders) -> bool:
    return headers.kept.get(DEBUG, b"").lower() in (b"true", b"1")


def debug_line(journey: "Journey", call: Call) -> bytes:
    """What the caller may know: no address inside, nothing of the credentials."""
    settings, identity = call.route.settings, call.identity
    told = {
        "x_request_id": journey.request_id,
        "bk_gateway_name": settings.system,
        "bk_stage_name": settings.stage,
        "bk_resource_name": call.route.component,
        "bk_backend_name": call.route.upstream.name,
        "bk_app_code": identity.app_code if identity is not None else "",
        "bk_username": (identity.user or "") if identity is not None else "",
        "client_ip": call.peer,
    }
    return f"x-bkapi-debug-info: {json.dumps(told)}\r\n".encode("ascii")
