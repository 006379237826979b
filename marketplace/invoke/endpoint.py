"""Where a plugin that speaks the bk_plugin protocol is reached through the gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.package.manifest import HOSTED_SCOPES, HOSTED_SYSTEM, Manifest, Served


@dataclass(frozen=True, slots=True)
class PluginEndpoint:
    """Attributes:
    system: behind which it stands.
    path: what each of its components' paths holds beside the protocol's own parts.
    scopes: a call needs beside those the plugin asks for; an install is all that gives them.
    has_data: its form may ask it for choices.
    is_hosted: this installation runs it.
    """

    system: str
    served: Served
    path: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    has_data: bool = True
    is_hosted: bool = False


def endpoint_of(manifest: Manifest) -> PluginEndpoint | None:
    """None for a plugin without code of its own."""
    if manifest.remote is not None:
        return PluginEndpoint(manifest.remote.system, manifest.remote, has_data=manifest.remote.data_api)
    if manifest.python is not None:
        path = {"plugin": manifest.code, "release": manifest.version}
        return PluginEndpoint(HOSTED_SYSTEM, manifest.python, path, HOSTED_SCOPES, is_hosted=True)
    return None
