"""What a form.js asks of systems, as a manifest says it."""

from typing import Any

from marketplace.form_data.site_addresses import SITE_ADDRESSES

_REASON = {"en": "To offer choices in its form.", "zh": "为表单提供可选项。"}


def with_form_needs(manifest: dict[str, Any], form: str) -> dict[str, Any]:
    """The manifest with the components that the form asks for choices, and a scope for each."""
    asked = SITE_ADDRESSES.components_in(form)
    if not asked:
        return manifest
    scopes = [{"scope": name, "reason": _REASON} for name in asked]
    return manifest | {"form_components": asked, "scopes": [*manifest["scopes"], *scopes]}
