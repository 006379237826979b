"""Everything about events, built and wired."""

from adapters.cmdb.service.events.bell import Bell
from adapters.cmdb.service.events.endpoints import register_events
from adapters.cmdb.service.events.repository import EventRepository
from adapters.cmdb.service.events.sending import EventSender
from adapters.cmdb.service.events.watching import EventWatcher
from adapters.cmdb.service.events.webhooks import WebhookService
from kernel.http.component_app import ComponentApp
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy


def build_events(app: ComponentApp, kernel: KernelServices, bell: Bell) -> EventSender:
    """Registers the components; answers what tells webhooks in the background."""
    events, policy = EventRepository(), AddressPolicy.allowing(kernel.settings.allowed_upstream_origins)
    register_events(
        app,
        EventWatcher(kernel.database, events, bell),
        WebhookService(events, kernel.secrets, policy, kernel.clock),
    )
    return EventSender(kernel.database, events, kernel.secrets, policy, kernel.clock)
