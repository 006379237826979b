"""What a version asks for beyond the one before it. Pure."""

from marketplace.package.manifest import Manifest, PluginKind


def grown(before: Manifest | None, after: Manifest) -> list[str]:
    """What a person has to agree to, one line each, in English; nothing for a first version."""
    if before is None:
        return []
    found = [f"asks for {scope}" for scope in sorted(after.scope_names() - before.scope_names())]
    if after.kind is PluginKind.PYTHON and before.kind is not PluginKind.PYTHON:
        found.append("brings code, which the one before did not")
    if before.remote is not None and after.remote is not None and after.remote.system != before.remote.system:
        found.append(f"is done by {after.remote.system} instead of {before.remote.system}")
    if after.kind is PluginKind.REMOTE and before.kind is not PluginKind.REMOTE:
        found.append("is done by a service elsewhere, which the one before was not")
    return found
