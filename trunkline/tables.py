"""Every table of the product, so that one metadata knows them all."""

import importlib
from typing import Final

from sqlalchemy import MetaData
from sqlmodel import SQLModel

_MODELS: Final = (
    "adapters.cmdb.service.events.models",
    "adapters.cmdb.service.imports.models",
    "adapters.cmdb.service.imports.sources.models",
    "adapters.cmdb.service.models",
    "adapters.job.service.accounts.models",
    "adapters.job.service.crons.models",
    "adapters.job.service.file_sources.models",
    "adapters.job.service.local_files.models",
    "adapters.job.service.models",
    "adapters.job.service.plans.models",
    "adapters.job.service.rules.models",
    "adapters.job.service.scripts.models",
    "adapters.notify.service.channels.models",
    "adapters.notify.service.models",
    "adapters.notify.service.people.models",
    "adapters.notify.service.templates.models",
    "adapters.tools.service.models",
    "gateway.access.apps.models",
    "gateway.access.deputies.models",
    "gateway.access.grant_rules.models",
    "gateway.access.grants.models",
    "gateway.access.notices.models",
    "gateway.access.tickets.models",
    "gateway.access.trusted_gateways.models",
    "gateway.identity.api_tokens.models",
    "gateway.identity.authorization.models",
    "gateway.identity.business.models",
    "gateway.identity.project_secrets.models",
    "gateway.identity.projects.models",
    "gateway.identity.providers.models",
    "gateway.identity.sessions.models",
    "gateway.identity.users.models",
    "gateway.oauth.authorization.models",
    "gateway.oauth.clients.models",
    "gateway.oauth.exchanges.models",
    "gateway.oauth.device.models",
    "gateway.oauth.keys.models",
    "gateway.mcp.servers.models",
    "gateway.oauth.registration.models",
    "gateway.oauth.tokens.models",
    "gateway.policies.models",
    "gateway.registry.models",
    "gateway.registry.signing.models",
    "gateway.registry.stages.models",
    "gateway.registry.upstreams.models",
    "gateway.registry.secrets.models",
    "gateway.snapshot.models",
    "gateway.usage.models",
    "kernel.audit.models",
    "kernel.http.nonces",
    "marketplace.advisories.models",
    "marketplace.hosting.models",
    "marketplace.installs.models",
    "marketplace.legacy_forms.models",
    "marketplace.mirrors.models",
    "marketplace.policies.models",
    "marketplace.publishers.identities.models",
    "marketplace.publishers.models",
    "marketplace.runs.models",
    "marketplace.search.models",
    "marketplace.versions.models",
    "marketplace.versions.review.models",
    "marketplace.webhooks.models",
    "orchestrator.flows.models",
    "orchestrator.launch.models",
    "orchestrator.notices.models",
    "orchestrator.quotas.models",
    "orchestrator.runtime.models",
    "orchestrator.schedules.models",
    "orchestrator.secret_inputs.models",
    "orchestrator.triggers.models",
    "orchestrator.sops.models",
)


def load_metadata() -> MetaData:
    """Imports all models; the answer is what migrations are compared with."""
    for module in _MODELS:
        importlib.import_module(module)
    return SQLModel.metadata
