"""Every sentence that has a code, of all units: what others say in their language."""

from collections.abc import Iterator
from itertools import chain

from kernel.forms.bounds import BOUNDS
from kernel.forms.check import FORMS
from kernel.forms.schema import SCHEMAS
from kernel.forms.secrets import SECRETS
from kernel.forms.uischema import UISCHEMAS
from kernel.forms.wording import SCHEMA_RULES
from kernel.http.wordings import BODIES, QUERIES
from kernel.json_input import JSON
from kernel.names import NAMES
from kernel.shape_problems import SHAPES
from kernel.wording import Wording
from marketplace.hosting.isolation import MEASURES
from marketplace.legacy_forms.report import NOTES
from marketplace.legacy_forms.wordings import FORM_SCRIPTS
from marketplace.package.change import CHANGES
from marketplace.package.wordings import FLOWS, MANIFESTS, MAPPINGS, PACKAGES
from marketplace.versions.growth import GROWTH
from marketplace.versions.wordings import CALLS, PLUGINS
from orchestrator.notices.advice import MESSAGES
from orchestrator.validation.wordings import FLOW_RULES

_SUBJECTS = (
    SHAPES, NAMES, SCHEMA_RULES, BOUNDS, SCHEMAS, UISCHEMAS, FORMS, SECRETS, JSON, BODIES, QUERIES,
    PACKAGES, MANIFESTS, CHANGES, PLUGINS, CALLS, MAPPINGS, FLOWS, FORM_SCRIPTS, GROWTH, NOTES, MEASURES, FLOW_RULES,
    MESSAGES,
)  # fmt: skip


def every_wording() -> Iterator[Wording]:
    return chain.from_iterable(_SUBJECTS)
